// --style-at LAYERS=FILE: a style for some of the style layers, beside those that are for all others.

import type { Command } from "commander";
import { ImpastoError } from "../protocol/errors.ts";
import { isLayer } from "../protocol/layers.ts";

export interface StyleAt {
  layers: readonly string[];
  path: string;
}

export function addStyleAtFlag(command: Command): Command {
  return command.option(
    "--style-at <layer,…=file>",
    "a style for these style layers alone, instead of the others: shallow layers are color and grain, deep ones strokes and forms; may be given several times",
    (text, before: StyleAt[] | undefined) => [...(before ?? []), parseStyleAt(text)],
  );
}

function parseStyleAt(text: string): StyleAt {
  const [, names, path] = /^([^=]*)=(.+)$/s.exec(text) ?? [];
  const layers = names?.split(",").map((name) => name.trim()) ?? [];
  if (path !== undefined && layers.every(isLayer) && new Set(layers).size === layers.length) return { layers, path };
  throw new ImpastoError(
    "bad-request",
    `Expected different layers, = and a file for --style-at but received ${text || "nothing"}.`,
    { hint: "As in --style-at relu1_1,relu2_1=colors.jpg" },
  );
}
