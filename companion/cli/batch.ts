// impasto batch: one or several styles for many pictures.

import type { Command } from "commander";
import type { BatchFlags } from "./batch-run.ts";
import { addCellFlags } from "./cell-flags.ts";
import { addInterruptHelp } from "./interrupts.ts";
import { addMaskFlags } from "./mask-flags.ts";
import { addPresetFlag } from "./preset-flag.ts";
import { addExamples, addOutputFlags, FORCE_FLAG } from "./program.ts";
import { addSettingFlags } from "./setting-flags.ts";
import { addStyleAtFlag } from "./style-at-flag.ts";

export function addBatch(program: Command): void {
  const command = program
    .command("batch")
    .summary("paint many pictures in the manner of one or several")
    .description(
      "Paints every CONTENT in the manner of every STYLE. Run again, it goes on where it was interrupted " +
        "and leaves what is done already. More than 20 results are painted quick unless a --quality is given.",
    )
    .argument("<content...>", "pictures, folders of pictures, or patterns like 'frames/*.png'")
    .optionsGroup("Output:")
    .requiredOption("-o, --out <folder>", "the folder for the results")
    .option(...FORCE_FLAG)
    .option("--no-contact-sheet", "leave out contact-sheet.png, the overview of all results")
    .optionsGroup("Input:")
    .requiredOption("-s, --style <style...>", "one or more pictures whose manner is taken, each on its own");
  addStyleAtFlag(addCellFlags(command));
  command.optionsGroup("Masks (gray pictures of any size, white means here, soft edges are mixed):");
  addMaskFlags(command, "mask of what stays as it was; of a folder, for each picture the mask of its name");
  command.optionsGroup("Settings:");
  addPresetFlag(command);
  addSettingFlags(addOutputFlags(command));
  addInterruptHelp(command, "batch");
  addExamples(command, [
    "impasto batch photos/ --style painting.jpg -o painted",
    "impasto batch 'frames/*.png' --style monet.jpg munch.jpg -o out --quality draft",
    "impasto batch photos/ --style monet.jpg munch.jpg -o out --strength-of cat--monet=70",
  ]);
  // The engine and the codecs load only when there is work for them.
  command.action(async (contents: string[], flags: BatchFlags) =>
    (await import("./batch-run.ts")).runBatch(contents, flags),
  );
}
