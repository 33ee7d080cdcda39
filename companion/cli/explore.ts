// impasto explore: small variations around given settings on one sheet, each with the flags that make it again.

import { basename, join } from "node:path";
import { type Command, Option } from "commander";
import { ImpastoError } from "../protocol/errors.ts";
import { GRIDS, type Grid, variationsOf } from "../protocol/explore.ts";
import { DEFAULT_SETTINGS, type Settings } from "../protocol/settings.ts";
import { EXIT } from "./exit-codes.ts";
import { addInterruptHelp } from "./interrupts.ts";
import { addPresetFlag, type PresetFlag, presetSettings } from "./preset-flag.ts";
import { addExamples, addOutputFlags, FORCE_FLAG } from "./program.ts";
import { addSettingFlags, flagsOf, settingsAmong } from "./setting-flags.ts";
import { inTemporaryFolder } from "./temporary-folder.ts";
import { type OutputOptions, openTerminal } from "./terminal.ts";

interface Flags extends OutputOptions, PresetFlag {
  out: string;
  grid?: Grid;
  cells?: string;
  force?: boolean;
}

/** Small and quick; layers are the optimizer's alone. */
const SIZE_PX = 256;
const qualityFor = (grid: Grid): Settings["quality"] => (grid === "layers" ? "draft" : "quick");

export function addExplore(program: Command): void {
  const command = program
    .command("explore")
    .summary("paint a sheet of small variations to choose from")
    .description(
      "Paints 6 to 12 small variations around the given settings on one sheet, each with its flags under it.",
    )
    .usage("<content> <style...> -o <sheet.png> [options]")
    .argument("<content>", "the picture whose subject is kept")
    .argument("<style...>", "one to four pictures whose manner is taken")
    .optionsGroup("Output:")
    .requiredOption("-o, --out <file>", "the sheet: .png; replaced whole")
    .option("--cells <folder>", "keep the pictures as well, each with its recipe")
    .option(...FORCE_FLAG)
    .optionsGroup("What varies:")
    .addOption(
      new Option(
        "--grid <kind>",
        "beside strength: strokes, their size; layers, from the finest alone to all; styles (default with several styles)",
      ).choices(GRIDS),
    );
  command.optionsGroup("Settings:");
  addPresetFlag(command);
  addSettingFlags(addOutputFlags(command));
  addInterruptHelp(command, "explore");
  addExamples(command, [
    "impasto explore photo.jpg painting.jpg -o sheet.png",
    "impasto explore photo.jpg painting.jpg -o sheet.png --grid layers --strength 70",
    "impasto explore photo.jpg monet.jpg munch.jpg -o sheet.png --cells variations",
  ]);
  command.action(async (content: string, styles: string[], flags: Flags) => {
    if (!/\.png$/i.test(flags.out)) {
      throw new ImpastoError("bad-request", "A sheet is a PNG.", { hint: "End its name in .png: -o sheet.png." });
    }
    const grid = flags.grid ?? (styles.length > 1 ? "styles" : "strokes");
    const settings = {
      ...DEFAULT_SETTINGS,
      quality: qualityFor(grid),
      size: SIZE_PX,
      ...(await presetSettings(flags)),
      ...settingsAmong({ ...flags }),
    };
    const rows = variationsOf(grid, settings, styles.length);
    await checkOutputs(flags, rows.flat().length, [content, ...styles]);
    await inFolder(flags.cells, async (folder) => {
      const { drawSheet } = await import("./explore-sheet.ts");
      const { writeFileWhole } = await import("../files.ts");
      const terminal = openTerminal(flags);
      const painted: { number: number; path: string; flags: string[]; style: string | null }[] = [];
      let interrupted = false;
      for (const [index, variation] of rows.flat().entries()) {
        const style = variation.style === null ? null : (styles[variation.style] ?? null);
        const named = flagsOf(variation.settings);
        terminal.note(
          `${index + 1} of ${rows.flat().length}: ${[...(style === null ? [] : [basename(style)]), ...named].join(" ")}`,
        );
        const path = join(folder, cellName(index));
        interrupted = await paint(
          path,
          content,
          style === null ? styles : [style],
          { ...settings, ...variation.settings },
          flags,
        );
        painted.push({ number: index + 1, path, flags: named, style });
        if (interrupted) break;
      }
      const cells = painted.map(({ number, path, flags: named, style }) => ({
        path,
        lines: [`${number}${style === null ? "" : `  ${basename(style)}`}`, ...named],
      }));
      await writeFileWhole(flags.out, await drawSheet(cells, rows[0]?.length ?? 1), { force: flags.force ?? false });
      terminal.done(`${flags.out}: ${cells.length} variations.`);
      const kept = painted.map(({ path, ...cell }) => ({ ...cell, ...(flags.cells !== undefined && { path }) }));
      terminal.json({ out: flags.out, cells: kept, interrupted });
      if (interrupted) process.exitCode = EXIT.interrupted;
    });
  });
}

function cellName(index: number): string {
  return `${String(index + 1).padStart(2, "0")}.png`;
}

/** Before minutes of work. */
async function checkOutputs({ out, cells, force = false }: Flags, count: number, inputs: string[]): Promise<void> {
  const { checkWritable } = await import("../files.ts");
  const { spareInputs } = await import("./spare-inputs.ts");
  const kept = cells === undefined ? [] : Array.from({ length: count }, (_, index) => join(cells, cellName(index)));
  await spareInputs([out, ...kept], inputs, "Choose another name for the sheet, or another folder for its cells.");
  await checkWritable(out, { force });
}

/** True when a person has had enough. */
async function paint(
  out: string,
  content: string,
  styles: string[],
  settings: Settings,
  { force }: Flags,
): Promise<boolean> {
  const { runStylizeJob } = await import("./stylize-job.ts");
  const job = {
    content,
    styles,
    weights: styles.map(() => 1),
    out,
    force: force ?? false,
    bitDepth: 8,
    settings,
  } as const;
  const { interrupted } = await runStylizeJob(job, openTerminal({ quiet: true }), true);
  return interrupted;
}

/** The given folder, made where it is missing; or one that is gone afterwards. */
async function inFolder(given: string | undefined, work: (folder: string) => Promise<void>): Promise<void> {
  if (given === undefined) return await inTemporaryFolder("impasto-explore-", work);
  const { makeFolder } = await import("../files.ts");
  makeFolder(given);
  await work(given);
}
