// What every hand-written check of outside values begins with. No schema library here: Figma's main thread uses it.

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isOneOf<T extends string>(list: readonly T[], value: unknown): value is T {
  return typeof value === "string" && (list as readonly string[]).includes(value);
}

export function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
