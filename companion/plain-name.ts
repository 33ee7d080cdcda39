// Names that people give to what is kept as a file: as on the wire, and nothing that could lead out of a folder.

import { basename } from "node:path";
import { ImpastoError } from "./protocol/errors.ts";
import { PLAIN_NAME_PATTERN, toPlainName } from "./protocol/schemas.ts";

const PLAIN_NAME = new RegExp(PLAIN_NAME_PATTERN);

export function isPlainName(name: string): boolean {
  return PLAIN_NAME.test(name);
}

/** Throws ImpastoError("bad-request") for what is no name of a network. */
export function requireNetworkName(name: string): void {
  if (isPlainName(name)) return;
  throw new ImpastoError("bad-request", `${JSON.stringify(name)} cannot be the name of a network.`, {
    hint: "Use lower-case letters, digits and dashes.",
  });
}

/** "My VGG_19.v2.safetensors" → "my-vgg-19-v2"; may be empty, or longer than a name can be. */
export function plainNameOf(file: string): string {
  return toPlainName(basename(file).replace(/\.[^.]*$/, ""));
}
