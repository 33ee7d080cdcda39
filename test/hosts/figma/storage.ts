// figma.clientStorage with its limit: 5 MB for each plugin, asynchronous, plain data only.

const LIMIT_BYTES = 5 * 1024 * 1024;

export function makeClientStorage(initial: Record<string, unknown> = {}): ClientStorageAPI & {
  entries: Map<string, unknown>;
} {
  const entries = new Map<string, unknown>(Object.entries(initial));
  return {
    entries,
    getAsync: (key) => Promise.resolve(entries.get(key)),
    async setAsync(key, value) {
      const others = [...entries].filter(([name]) => name !== key).reduce((sum, [, item]) => sum + sizeOf(item), 0);
      if (others + sizeOf(value) > LIMIT_BYTES) throw new Error("in clientStorage.setAsync: quota of 5MB exceeded");
      entries.set(key, value);
    },
    async deleteAsync(key) {
      entries.delete(key);
    },
    keysAsync: () => Promise.resolve([...entries.keys()]),
  };
}

function sizeOf(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).reduce((sum, [key, item]) => sum + key.length + sizeOf(item), 0);
  }
  return String(value).length;
}
