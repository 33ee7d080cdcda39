// impasto texture: a surface of any size in the manner of a picture, from the style alone.

import { join } from "node:path";
import { type Command, Option } from "commander";
import type { Picture } from "../protocol/engine.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { MIN_SIDE_PX } from "../protocol/limits.ts";
import { DEFAULT_SETTINGS, SETTINGS } from "../protocol/settings.ts";
import { FROM_STYLE_ALONE } from "../protocol/texture.ts";
import { EXIT } from "./exit-codes.ts";
import { addInterruptHelp } from "./interrupts.ts";
import { addExamples, addOutputFlags, FORCE_FLAG } from "./program.ts";
import { addSettingFlag, settingsAmong } from "./setting-flags.ts";
import { inTemporaryFolder } from "./temporary-folder.ts";
import { type OutputOptions, openTerminalBeside } from "./terminal.ts";

interface Flags extends OutputOptions {
  out: string;
  size: [width: number, height: number];
  force?: boolean;
  sixteenBit?: boolean;
}

const FLAGS = [
  "seamless",
  "quality",
  "styleScale",
  "seed",
  "tvWeight",
  "styleLoss",
  "styleLayers",
  "network",
  "device",
] as const;

export function addTexture(program: Command): void {
  const command = program
    .command("texture")
    .summary("make a surface of any size from a style alone")
    .description("Paints a texture in the manner of STYLE, of any size, seamless if asked.")
    .usage("<style...> -o <file> [options]")
    .argument("<style...>", "one or more pictures whose manner is taken")
    .optionsGroup("Output:")
    .requiredOption("-o, --out <file>", "the result: .png, .jpg, .webp or .tif; replaced whole")
    .addOption(
      new Option("--size <width>x<height>", "of the result, px").argParser(parseSize).default([512, 512], "512x512"),
    )
    .option(...FORCE_FLAG)
    .option("--sixteen-bit", "16 bits a channel (PNG and TIFF)");
  command.optionsGroup("Settings:");
  for (const name of FLAGS) addSettingFlag(command, name);
  addOutputFlags(command);
  addInterruptHelp(command, "texture");
  addExamples(command, [
    "impasto texture painting.jpg -o surface.png --size 1024x1024",
    "impasto texture painting.jpg -o tile.png --size 512x512 --seamless both",
    "impasto texture marble.jpg moss.jpg -o wall.png --size 1920x400 --seamless horizontal --seed 3",
  ]);
  command.action(async (styles: string[], flags: Flags) => {
    const { runStylizeJob, summarize } = await import("./stylize-job.ts");
    const { size, ...others } = flags;
    const terminal = openTerminalBeside(flags.out, flags);
    const report = await onFlatCanvas(size, (content) =>
      runStylizeJob(
        {
          content,
          styles,
          weights: styles.map(() => 1),
          out: flags.out,
          force: flags.force ?? false,
          bitDepth: flags.sixteenBit ? 16 : 8,
          settings: { ...DEFAULT_SETTINGS, ...settingsAmong(others), ...FROM_STYLE_ALONE, size: Math.max(...size) },
        },
        terminal,
        flags.quiet ?? false,
      ),
    );
    terminal.done(summarize(report));
    terminal.json(report);
    if (report.interrupted) process.exitCode = EXIT.interrupted;
  });
}

/** What a run takes for its content: of the asked size, and nothing else of it counts. */
async function onFlatCanvas<T>([width, height]: Flags["size"], work: (path: string) => Promise<T>): Promise<T> {
  const { writePictureFile } = await import("../pictures/files.ts");
  const picture: Picture = { width, height, channels: 3, data: new Float32Array(3 * width * height).fill(0.5) };
  return await inTemporaryFolder("impasto-texture-", async (folder) => {
    const path = join(folder, `${width}x${height}.png`);
    await writePictureFile(path, picture, { bitDepth: 8, density: null });
    return await work(path);
  });
}

function parseSize(text: string): Flags["size"] {
  const { max } = SETTINGS.size;
  const sides = /^(\d+)(?:\s*[x×*]\s*(\d+))?$/i.exec(text.trim());
  const width = Number(sides?.[1]);
  const height = Number(sides?.[2] ?? sides?.[1]);
  if (width >= MIN_SIDE_PX && height >= MIN_SIDE_PX && width <= max && height <= max) return [width, height];
  throw new ImpastoError("bad-request", `Expected a size like 1024x768 for --size but received ${text}.`, {
    hint: `Each side is from ${MIN_SIDE_PX} to ${max} px.`,
  });
}
