// What a shell learns from the end of a command.

import type { ErrorCode } from "../protocol/errors.ts";

export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Wrong usage or bad input: the user gave it and can change it. */
const USAGE_CODES: ReadonlySet<ErrorCode> = new Set([
  "bad-request",
  "bad-setting",
  "bad-picture",
  "picture-too-large",
  "unsupported-picture",
  "bad-network",
  "layer-missing",
  "network-unknown",
  "file-not-found",
  "file-not-readable",
]);

export function exitCodeOf(code: ErrorCode): number {
  if (code === "cancelled") return EXIT.interrupted;
  return USAGE_CODES.has(code) ? EXIT.usage : EXIT.failed;
}
