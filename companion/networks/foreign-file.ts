// Refuses what people take for a network of Impasto's.

import { basename } from "node:path";
import { ImpastoError } from "../protocol/errors.ts";
import { foreignNetwork, isHdf5, isSafetensors } from "../protocol/network-beginnings.ts";

/** @param beginning the file's first BEGINNING_BYTES, or all of it. @throws ImpastoError("bad-network") that says what it is */
export function refuseForeign(beginning: Uint8Array, path: string): void {
  if (isSafetensors(beginning) || isHdf5(beginning)) return;
  const kind = foreignNetwork(beginning);
  if (kind === null) return;
  throw new ImpastoError("bad-network", `${basename(path)} is ${kind.what}.`, {
    hint: kind.hint.endsWith(".") ? kind.hint : `${kind.hint}.`,
  });
}
