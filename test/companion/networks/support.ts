// A cache folder of its own for each test, and short tempers for downloads.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Patience } from "../../../companion/networks/patience.ts";
import type { RegistryEntry } from "../../../companion/networks/registry.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";

export const IMPATIENT: Patience = {
  attempts: 14,
  backoffMs: 5,
  maxBackoffMs: 20,
  stallMs: 300,
  minBytesPerSecond: 20_000,
};

/** Points IMPASTO_CACHE to a fresh folder; the returned function removes it. */
export async function useTemporaryCache(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "impasto-networks-"));
  const before = process.env.IMPASTO_CACHE;
  process.env.IMPASTO_CACHE = folder;
  const remove = async () => {
    if (before === undefined) delete process.env.IMPASTO_CACHE;
    else process.env.IMPASTO_CACHE = before;
    await rm(folder, { recursive: true, force: true });
  };
  return { folder, remove };
}

/** A registry with one network of these widths. */
export function registryOf(
  name: string,
  widths: readonly number[],
  sources: RegistryEntry["sources"],
): RegistryEntry[] {
  const variable = "IMPASTO_TEST_FROM";
  return [
    {
      name,
      title: "Test network",
      license: "none",
      authors: "a test",
      topology: widths.length === 13 ? "vgg16" : "vgg19",
      widths,
      downloadBytes: 0,
      sources,
      variable,
    },
  ];
}

/** The ImpastoError that `work` rejects with; fails when it resolves or rejects with anything else. */
export async function errorOf(work: Promise<unknown>): Promise<ImpastoError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ImpastoError) return error;
    throw error;
  }
  throw new Error("expected an ImpastoError, but the work succeeded");
}
