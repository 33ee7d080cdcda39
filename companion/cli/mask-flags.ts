// --region, --source and --protect: masks beside the pictures that they belong to.

import type { Command } from "commander";
import { ImpastoError } from "../protocol/errors.ts";

export interface MaskFlags {
  region?: string[];
  source?: string[];
  protect?: string;
}

/** One mask for each style; null where a style has none. */
export interface StyleMasks {
  regions?: readonly (string | null)[];
  sources?: readonly (string | null)[];
}

/** What stands for no mask; a file of that name is ./none. */
const NONE = "none";

export function addMaskFlags(command: Command, protect: string): Command {
  const each = "once for each style, in their order, none where a style has no mask";
  return command
    .option("--region <file>", `mask of where a style is painted, white means here; ${each}`, collect)
    .option("--source <file>", `mask of which part of a style's picture counts; ${each}`, collect)
    .option("--protect <file>", protect);
}

/** Throws ImpastoError("bad-request") unless there is one mask for each style. */
export function styleMasks(flags: MaskFlags, styles: readonly string[]): StyleMasks {
  const regions = oneForEach("--region", flags.region, styles);
  const sources = oneForEach("--source", flags.source, styles);
  return { ...(regions && { regions }), ...(sources && { sources }) };
}

function oneForEach(
  flag: string,
  masks: readonly string[] | undefined,
  styles: readonly string[],
): (string | null)[] | undefined {
  if (masks === undefined) return undefined;
  if (masks.length !== styles.length) {
    const example = styles.map((_, i) => `${flag} ${i === 0 ? "mask.png" : NONE}`).join(" ");
    throw new ImpastoError(
      "bad-request",
      `Expected ${flag} once for each style, ${styles.length} in all, but received ${masks.length}.`,
      { hint: `Give them in the styles' order, ${NONE} where a style has no mask: ${example}` },
    );
  }
  return masks.map((mask) => (mask === NONE || mask === "" ? null : mask));
}

function collect(file: string, before: string[] | undefined): string[] {
  return [...(before ?? []), file];
}
