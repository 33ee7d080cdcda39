// The panel's side of pairing, over the texts of companion/protocol/pairing.ts: no DOM and no WebCrypto,
// which Figma's frame lacks. The code never travels; the token arrives sealed under a key made from it.

import { hmac } from "@noble/hashes/hmac.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, randomBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { ImpastoError } from "../companion/protocol/errors.ts";
import {
  CLIENT_LABEL,
  formatToken,
  NONCE_BYTES,
  normalizeCode,
  type PanelHost,
  pairingSalt,
  parseToken,
  SCRYPT,
  SEAL_LABEL,
  SERVER_LABEL,
  TOKEN_PROOF_KEY_LABEL,
  tokenProofText,
} from "../companion/protocol/pairing.ts";
import type { PairFinish, PairFinished, PairStart, PairStarted } from "../companion/protocol/pairing-messages.ts";

/** Sends one message of the handshake and parses the answer; rejects with the companion's ImpastoError. */
export interface PairingTransport {
  start(message: PairStart): Promise<PairStarted>;
  finish(message: PairFinish): Promise<PairFinished>;
}

/** What the panel keeps. */
export interface Paired {
  instance: string;
  token: string;
}

/**
 * Pairs with the companion that shows `typedCode`.
 * Throws "pairing-failed" for what is no code, for a wrong one, and when the other side did not know it either.
 */
export async function pair(
  transport: PairingTransport,
  typedCode: string,
  about: { host: PanelHost; name: string },
): Promise<Paired> {
  const code = normalizeCode(typedCode);
  if (code === null) {
    throw new ImpastoError("pairing-failed", "A code has eight letters and digits.", {
      hint: "Type it as the companion shows it, for example K7QM-2XD9.",
    });
  }
  const clientNonce = newNonce();
  const { handshake, serverNonce, instance } = await transport.start({ clientNonce });
  const salt = pairingSalt(clientNonce, serverNonce, instance);
  const key = await scryptAsync(utf8ToBytes(code), utf8ToBytes(salt), { ...SCRYPT, asyncTick: 20 });
  const proof = mac(key, CLIENT_LABEL);
  const { id, sealed, proof: serverProof } = await transport.finish({ handshake, proof, ...about });
  if (!same(serverProof, mac(key, `${SERVER_LABEL}|${id}|${sealed}`))) {
    throw new ImpastoError("pairing-failed", "Another program answers in place of the companion.", {
      hint: "Quit programs that use the companion's port, start the companion again, and pair once more.",
    });
  }
  const pad = hexToBytes(mac(key, SEAL_LABEL));
  const secret = hexToBytes(sealed).map((byte, index) => byte ^ (pad[index] as number));
  return { instance, token: formatToken(id, bytesToHex(secret)) };
}

/** A fresh nonce for POST /v1/pair/proof. */
export function newNonce(): string {
  return bytesToHex(randomBytes(NONCE_BYTES));
}

/** The public half of a token: what may be sent before the companion has proved itself. */
export function tokenId(token: string): string | null {
  return parseToken(token)?.id ?? null;
}

/** True when the answer shows that whoever listens on `port` issued the token; only then may it be sent. */
export function provesToken({ token, instance }: Paired, nonce: string, port: number, proof: string): boolean {
  const secret = parseToken(token)?.secret;
  if (secret === undefined) return false;
  const key = hexToBytes(mac(hexToBytes(secret), TOKEN_PROOF_KEY_LABEL));
  return same(proof, mac(key, tokenProofText(nonce, port, instance)));
}

function mac(key: Uint8Array, text: string): string {
  return bytesToHex(hmac(sha256, key, utf8ToBytes(text)));
}

function same(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < b.length; index++) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}
