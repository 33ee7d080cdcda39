// Who is paired: tokens by id, their secrets only as hashes, in one 0600 file that is replaced whole.
// The companion's instance id stands there too, because a token is good for one companion only.

import { readFileSync } from "node:fs";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { ImpastoError } from "../protocol/errors.ts";
import { formatToken, parseToken, SECRET_BYTES } from "../protocol/pairing.ts";
import { PAIRING_HOSTS, type Pairing, PairingIdSchema, SCOPES, type Scope } from "../protocol/pairing-messages.ts";
import { CLOSED, IdSchema, Sha256Schema, TimeSchema } from "../protocol/schemas.ts";
import { replaceFile } from "../storage/replace-file.ts";
import { randomHex, sameHex, secretHash, tokenProof, tokenProofKey } from "./keys.ts";

const StoredPairingSchema = Type.Object(
  {
    id: PairingIdSchema,
    host: Type.Enum(PAIRING_HOSTS),
    name: Type.String(),
    scope: Type.Enum(SCOPES),
    secretHash: Sha256Schema,
    proofKey: Sha256Schema,
    createdAt: TimeSchema,
    lastSeenAt: TimeSchema,
  },
  CLOSED,
);
const FileSchema = Type.Object(
  { version: Type.Literal(1), instance: IdSchema, pairings: Type.Array(StoredPairingSchema) },
  CLOSED,
);
type StoredPairing = Static<typeof StoredPairingSchema>;

/** A token that nobody used for so long is forgotten. The page's lives as long as an evening. */
const IDLE_MS = 90 * 86_400_000;
const PAGE_IDLE_MS = 12 * 3_600_000;
/** lastSeenAt reaches the disk at most this often. */
const SEEN_EVERY_MS = 60_000;

export interface Holder {
  id: string;
  scope: Scope;
}

export interface Issued {
  id: string;
  secret: string;
  token: string;
}

export interface NewPairing {
  host: StoredPairing["host"];
  name: string;
  scope: Scope;
}

/** Throws ImpastoError when the file cannot be read, is damaged, or cannot be written. */
export function openTokenStore(path: string, now: () => number = Date.now) {
  const file = load(path);
  const revokedListeners = new Set<(id: string) => void>();
  const idle = (pairing: StoredPairing) =>
    now() - pairing.lastSeenAt > (pairing.host === "page" ? PAGE_IDLE_MS : IDLE_MS);
  /** Tokens of this run alone: the command line's, which stands in the runtime file. */
  const transient: StoredPairing[] = [];
  let savedAt = now();
  let unsaved = false;

  function create(pairing: NewPairing) {
    const id = randomHex(8);
    const secret = randomHex(SECRET_BYTES);
    const stored: StoredPairing = {
      ...pairing,
      id,
      secretHash: secretHash(secret),
      proofKey: tokenProofKey(secret),
      createdAt: now(),
      lastSeenAt: now(),
    };
    return { stored, issued: { id, secret, token: formatToken(id, secret) } };
  }

  function save(pairings: StoredPairing[]): void {
    replaceFile(path, `${JSON.stringify({ ...file, pairings }, null, 2)}\n`);
    file.pairings = pairings;
    savedAt = now();
    unsaved = false;
  }

  /** When a token was last used may be lost: a full disk must not lock panels out. */
  function saveSeen(): void {
    if (!unsaved) return;
    try {
      save(file.pairings);
    } catch {
      savedAt = now();
    }
  }

  function known(): StoredPairing[] {
    return file.pairings.filter((pairing) => !idle(pairing));
  }

  function holderOf(token: string, pairings: readonly StoredPairing[]): Holder | null {
    const parts = parseToken(token);
    if (parts === null) return null;
    const pairing = pairings.find(({ id }) => id === parts.id);
    const matches = sameHex(secretHash(parts.secret), pairing?.secretHash ?? secretHash(randomHex(SECRET_BYTES)));
    return matches && pairing !== undefined ? { id: pairing.id, scope: pairing.scope } : null;
  }

  function seen(id: string): void {
    const pairing = file.pairings.find((candidate) => candidate.id === id);
    if (pairing === undefined) return;
    pairing.lastSeenAt = now();
    unsaved = true;
    if (now() - savedAt > SEEN_EVERY_MS) saveSeen();
  }

  function revokeAll(ids: string[]): void {
    save(file.pairings.filter((pairing) => !ids.includes(pairing.id)));
    for (const id of ids) for (const listener of revokedListeners) listener(id);
  }

  return {
    instance: file.instance,

    /** Issues a token and returns it; the secret is kept nowhere. */
    issue(pairing: NewPairing): Issued {
      const { stored, issued } = create(pairing);
      save([...known(), stored]);
      return issued;
    },

    /** Issues a token that ends with this process and that no list shows. */
    issueForThisRun(pairing: NewPairing): Issued {
      const { stored, issued } = create(pairing);
      transient.push(stored);
      return issued;
    },

    /** Who holds this token, or null. Takes the same time for an unknown id and a wrong secret. */
    verify(token: string): Holder | null {
      const holder = holderOf(token, known());
      if (holder !== null) seen(holder.id);
      return holder;
    },

    /** The same for the tokens that end with this process. */
    verifyForThisRun: (token: string) => holderOf(token, transient),

    /** The pairing is in use. */
    seen,

    /** Shows that this companion issued the token `id`; for an unknown one a value that proves nothing. */
    prove(id: string, nonce: string, port: number): string {
      const key = [...known(), ...transient].find((pairing) => pairing.id === id)?.proofKey ?? randomHex(SECRET_BYTES);
      return tokenProof(key, nonce, port, file.instance);
    },

    list(currentId: string): Pairing[] {
      return known().map(({ id, host, name, scope, createdAt, lastSeenAt }) => {
        return { id, host, name, scope, createdAt, lastSeenAt, current: id === currentId };
      });
    },

    /** False when there is no such pairing. The file is changed before this returns. */
    revoke(id: string): boolean {
      if (!file.pairings.some((pairing) => pairing.id === id)) return false;
      revokeAll([id]);
      return true;
    },

    revokeAllBut(keptId: string): void {
      revokeAll(file.pairings.map((pairing) => pairing.id).filter((id) => id !== keptId));
    },

    onRevoked(listener: (id: string) => void): void {
      revokedListeners.add(listener);
    },

    close(): void {
      saveSeen();
    },
  };
}

export type TokenStore = ReturnType<typeof openTokenStore>;

function load(path: string): Static<typeof FileSchema> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      const file = { version: 1 as const, instance: randomHex(16), pairings: [] };
      replaceFile(path, `${JSON.stringify(file, null, 2)}\n`);
      return file;
    }
    throw new ImpastoError("file-not-readable", `The list of paired panels at ${path} cannot be read.`, {
      hint: "Check the file's permissions.",
      cause: error,
    });
  }
  const content = parseJson(text);
  if (Value.Check(FileSchema, content)) return content;
  throw new ImpastoError("file-not-readable", `The list of paired panels at ${path} is damaged.`, {
    hint: "Remove the file and start again; panels will ask to be paired once more.",
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
