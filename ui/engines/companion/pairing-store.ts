// What the panel keeps of its pairing.

import type { Paired } from "../../pairing.ts";

const KEY = "impasto.pairing.v1";

export interface Storage {
  load(key: string): Promise<unknown>;
  save(key: string, value: unknown): Promise<void>;
}

/** A pairing, and whether its token may pair others: the one that the companion gave its own page. */
export interface KeptPairing extends Paired {
  admin: boolean;
}

export async function loadPairing(storage: Storage): Promise<KeptPairing | null> {
  const stored = await storage.load(KEY).catch(() => undefined);
  if (typeof stored !== "object" || stored === null || !("instance" in stored) || !("token" in stored)) return null;
  const { instance, token } = stored;
  if (typeof instance !== "string" || typeof token !== "string") return null;
  return { instance, token, admin: "admin" in stored && stored.admin === true };
}

export async function savePairing(storage: Storage, paired: KeptPairing | null): Promise<void> {
  await storage.save(KEY, paired ?? undefined);
}
