// The pairing handshake's cryptography on the companion's side, over the texts of protocol/pairing.ts.

import { createHash, createHmac, randomBytes, randomInt, scrypt, timingSafeEqual } from "node:crypto";
import {
  CLIENT_LABEL,
  CODE_ALPHABET,
  CODE_LENGTH,
  pairingSalt,
  SCRYPT,
  SEAL_LABEL,
  SERVER_LABEL,
  TOKEN_PROOF_KEY_LABEL,
  tokenProofText,
} from "../protocol/pairing.ts";

/** A fresh code, 40 bits. */
export function newCode(): string {
  return Array.from({ length: CODE_LENGTH }, () => CODE_ALPHABET[randomInt(CODE_ALPHABET.length)]).join("");
}

export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}

/** [async, thread pool] The key that both sides derive from the code. */
export function pairingKey(code: string, clientNonce: string, serverNonce: string, instance: string): Promise<Buffer> {
  const { N, r, p, dkLen } = SCRYPT;
  return new Promise((resolve, reject) => {
    const salt = pairingSalt(clientNonce, serverNonce, instance);
    scrypt(code, salt, dkLen, { N, r, p, maxmem: 256 * N * r }, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

export function clientProof(key: Buffer): Buffer {
  return hmac(key, CLIENT_LABEL);
}

/** The token's secret as only the holder of the key can read it. */
export function seal(key: Buffer, secretHex: string): string {
  const pad = hmac(key, SEAL_LABEL);
  const secret = Buffer.from(secretHex, "hex");
  return Buffer.from(secret.map((byte, index) => byte ^ (pad[index] as number))).toString("hex");
}

export function serverProof(key: Buffer, id: string, sealed: string): string {
  return hmac(key, `${SERVER_LABEL}|${id}|${sealed}`).toString("hex");
}

/** What is stored instead of the secret. */
export function secretHash(secretHex: string): string {
  return createHash("sha256").update(secretHex, "hex").digest("hex");
}

/** Derived from the secret when it is issued; with it the companion shows later that it issued it. */
export function tokenProofKey(secretHex: string): string {
  return hmac(Buffer.from(secretHex, "hex"), TOKEN_PROOF_KEY_LABEL).toString("hex");
}

export function tokenProof(proofKeyHex: string, nonce: string, port: number, instance: string): string {
  return hmac(Buffer.from(proofKeyHex, "hex"), tokenProofText(nonce, port, instance)).toString("hex");
}

/** Constant-time; both are hex of the same length, or they differ. */
export function sameHex(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
