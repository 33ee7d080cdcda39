// Where the studio keeps what it remembers: IndexedDB, which takes bytes; memory where a browser forbids it.

const DATABASE = "impasto";
const STORE = "values";

export interface StudioStorage {
  load(key: string): Promise<unknown>;
  save(key: string, value: unknown): Promise<void>;
}

export function createStudioStorage(): StudioStorage {
  const memory = new Map<string, unknown>();
  let opening: Promise<IDBDatabase> | null = null;

  async function perform<T>(mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    opening ??= openDatabase();
    const database = await opening;
    return answer(use(database.transaction(STORE, mode).objectStore(STORE)));
  }

  return {
    async load(key) {
      try {
        return await perform<unknown>("readonly", (store) => store.get(key));
      } catch {
        return memory.get(key);
      }
    },
    async save(key, value) {
      try {
        if (value === undefined) await perform("readwrite", (store) => store.delete(key));
        else await perform("readwrite", (store) => store.put(value, key));
      } catch {
        memory.set(key, value);
      }
    },
  };
}

/**
 * For the pairing: gone with the tab, because another program may get the same port, and with it the same origin,
 * on another day.
 */
export const TAB_STORAGE: StudioStorage = {
  async load(key) {
    const text = sessionStorage.getItem(key);
    return text === null ? undefined : (JSON.parse(text) as unknown);
  },
  async save(key, value) {
    if (value === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(value));
  },
};

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return answer(request);
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
