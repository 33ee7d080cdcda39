// impasto presets: the recipes that --preset knows, and each one whole.

import type { Command } from "commander";
import { PRESETS, type Preset, presetNamed } from "../protocol/presets.ts";
import { print } from "./output.ts";
import { printableJson } from "./printable.ts";
import { addExamples } from "./program.ts";
import { flagsOf } from "./setting-flags.ts";

export function addPresets(program: Command): void {
  const command = program
    .command("presets")
    .summary("list recipes of the literature and for looks")
    .description(
      "Lists what --preset knows, or shows one whole: its source, its settings, how its weights became ours.",
    )
    .argument("[name]", "the one to show")
    .option("--json", "print as JSON; one preset's is what --preset takes as a file");
  addExamples(command, [
    "impasto presets",
    "impasto presets gatys-2016",
    "impasto presets gatys-2016 --json > mine.json",
  ]);
  command.action((name: string | undefined, { json = false }: { json?: boolean }) => {
    if (name !== undefined) {
      const preset = presetNamed(name);
      print(json ? printableJson(preset, 2) : describe(preset).join("\n"));
    } else {
      print(json ? printableJson(PRESETS, 2) : list().join("\n"));
    }
  });
}

function list(): string[] {
  const width = Math.max(...PRESETS.map(({ name }) => name.length));
  return PRESETS.map(({ name, about }) => `${name.padEnd(width)}  ${about}`);
}

function describe({ title, about, source, weights, differs, settings }: Preset): string[] {
  return [
    title,
    about,
    "",
    `Source: ${source}.`,
    `Weights: ${weights}`,
    `Differs: ${differs}`,
    "",
    `The same as: ${flagsOf(settings).join(" ")}`,
  ];
}
