// The pairing handshake's constants and the texts that both sides sign. No schema library, no cryptography:
// companion/pairing (node:crypto) and ui/pairing.ts (@noble/hashes) each compute over these.
//
//   1. the companion shows a code; the panel asks for it
//   2. panel → start {clientNonce}; companion → {serverNonce, instance}
//   3. both: key = scrypt(code, salt(clientNonce, serverNonce, instance))
//   4. panel → finish {proof = HMAC(key, CLIENT_LABEL)}; companion checks it
//   5. companion → {id, sealed = secret XOR HMAC(key, SEAL_LABEL), proof = HMAC(key, SERVER_LABEL | id | sealed)}
//   6. panel checks the proof: whoever answered knew the code, which never traveled
// A program that squats on the port learns one proof and would have to try 2^40 codes through scrypt
// before the window closes. On later runs the panel asks for a proof of the token before it sends it, once, for a
// session: the token itself opens no other door.

/** Crockford's base32: no I, L, O, U. */
export const CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
export const CODE_LENGTH = 8;
export const PAIRING_WINDOW_MS = 120_000;
/** Wrong codes that close the window. */
export const MAX_WRONG_CODES = 5;

/** scrypt (Percival 2009): 32 MiB and about 0.1 s natively, about 0.3 s in a panel. */
export const SCRYPT = { N: 2 ** 15, r: 8, p: 1, dkLen: 32 } as const;

export const NONCE_BYTES = 16;
export const SECRET_BYTES = 32;

export const CLIENT_LABEL = "impasto pairing 1 client";
export const SERVER_LABEL = "impasto pairing 1 server";
export const SEAL_LABEL = "impasto pairing 1 seal";
export const TOKEN_PROOF_KEY_LABEL = "impasto token proof key 1";

/** Hosts of a panel; a person reads it in the list of pairings. */
export const PANEL_HOSTS = ["figma", "photopea", "web", "cli"] as const;
export type PanelHost = (typeof PANEL_HOSTS)[number];

/** The salt of the key, as text: every part is hex of fixed length. */
export function pairingSalt(clientNonce: string, serverNonce: string, instance: string): string {
  return `impasto pairing 1|${clientNonce}|${serverNonce}|${instance}`;
}

/** What a companion signs with the token's proof key to show that it is the one the token came from. */
export function tokenProofText(nonce: string, port: number, instance: string): string {
  return `impasto token proof 1|${nonce}|${port}|${instance}`;
}

/** The code as people read it: K7QM-2XD9. */
export function formatCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** What a person typed, as the alphabet has it (O is 0, I and L are 1); null when it is no code. */
export function normalizeCode(typed: string): string | null {
  const code = typed.toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  const known = [...code].every((character) => CODE_ALPHABET.includes(character));
  return code.length === CODE_LENGTH && known ? code : null;
}

/** The bearer token: the id is public within the companion's list, the secret is known to its holder only. */
export function formatToken(id: string, secretHex: string): string {
  return `imp_${id}_${secretHex}`;
}

/** What a panel shows with every request; good for some hours and for this run of the companion. */
export function formatSession(secretHex: string): string {
  return `ims_${secretHex}`;
}

export function parseToken(token: string): { id: string; secret: string } | null {
  const match = /^imp_([0-9a-f]{16})_([0-9a-f]{64})$/.exec(token);
  return match ? { id: match[1] as string, secret: match[2] as string } : null;
}
