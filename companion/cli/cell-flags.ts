// Which pictures a batch paints in which styles, and results with a strength of their own.

import type { Command } from "commander";
import { ImpastoError } from "../protocol/errors.ts";
import { SETTINGS } from "../protocol/settings.ts";

export interface CellFlags {
  inTurn?: boolean;
  strengthOf?: ReadonlyMap<string, number>;
}

/** How many results a message lists. */
const LISTED = 5;

export function addCellFlags(command: Command): Command {
  return command
    .option("--in-turn", "each picture in one style alone: the first in the first style, the second in the second …")
    .option(
      "--strength-of <result=strength>",
      "another strength for one result, by its name: cat--monet=70; the others stay as they are; may be given several times",
      (text, before: CellFlags["strengthOf"]) => new Map([...(before ?? []), parseStrengthOf(text)]),
    );
}

function parseStrengthOf(text: string): [string, number] {
  const [, name = "", number = ""] = /^(.+)=(\d+(?:\.\d+)?)$/s.exec(text) ?? [];
  const strength = Number(number);
  const { min, max } = SETTINGS.strength;
  if (name !== "" && strength >= min && strength <= max) return [stemOf(name), strength];
  throw new ImpastoError(
    "bad-request",
    `Expected a result, = and a strength of ${min} to ${max} for --strength-of but received ${text || "nothing"}.`,
    { hint: "As in --strength-of cat--monet=70" },
  );
}

/** Results are named whatever the case, with their ending or without. */
export function stemOf(result: string): string {
  return result.replace(/\.png$/i, "").toLowerCase();
}

/** @throws ImpastoError("bad-request") for a name that no result has */
export function checkNames(strengths: ReadonlyMap<string, number>, results: readonly string[]): void {
  const known = new Set(results.map(stemOf));
  const strange = [...strengths.keys()].find((name) => !known.has(name));
  if (strange === undefined) return;
  const more = results.length > LISTED ? ", …" : "";
  throw new ImpastoError("bad-request", `No result of this batch is called ${strange}.`, {
    hint: `They are called ${results.slice(0, LISTED).join(", ")}${more}`,
  });
}
