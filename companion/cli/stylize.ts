// impasto stylize: one picture painted in the manner of one or several others.

import { type Command, Option } from "commander";
import { ImpastoError } from "../protocol/errors.ts";
import { OUTPUT_FORMATS, type OutputFormat, READ_KINDS } from "../protocol/picture-kinds.ts";
import { DEFAULT_SETTINGS } from "../protocol/settings.ts";
import { isStdout } from "../standard-streams.ts";
import { BLEND_FLAG, parseBlend, weightsOf } from "./blend.ts";
import { EXIT } from "./exit-codes.ts";
import { addInterruptHelp } from "./interrupts.ts";
import { addMaskFlags, type MaskFlags, styleMasks } from "./mask-flags.ts";
import { addPresetFlag, type PresetFlag, presetSettings } from "./preset-flag.ts";
import { addExamples, addOutputFlags, FORCE_FLAG } from "./program.ts";
import { addSettingFlags, settingsAmong, toNumber } from "./setting-flags.ts";
import { addStyleAtFlag, type StyleAt } from "./style-at-flag.ts";
import { type OutputOptions, openTerminalBeside } from "./terminal.ts";

interface Flags extends OutputOptions, MaskFlags, PresetFlag {
  out: string;
  format?: OutputFormat;
  force?: boolean;
  sixteenBit?: boolean;
  blend?: number[];
  styleAt?: StyleAt[];
  initImage?: string;
  recipe?: string;
  /** One of the settings; with a recipe, where its network's file is. */
  network?: string;
  /** The same of a model. */
  model?: string;
  trace?: string;
  saveEvery?: number;
}

export function addStylize(program: Command): void {
  const command = program
    .command("stylize")
    .summary("paint one picture in the manner of another")
    .description("Paints CONTENT in the manner of STYLE. With several styles their manners are blended.")
    .usage("<content> [style...] -o <file> [options]")
    .argument("[content]", `the picture whose subject is kept (${READ_KINDS}); - is stdin`)
    .argument("[style...]", "one or more pictures whose manner is taken; none where --model is the style itself")
    .optionsGroup("Output:")
    .requiredOption("-o, --out <file>", "the result: .png, .jpg, .webp or .tif; replaced whole; - is stdout")
    .addOption(new Option("--format <kind>", "what goes to stdout (default: png)").choices(OUTPUT_FORMATS))
    .option(...FORCE_FLAG)
    .option("--sixteen-bit", "16 bits a channel (PNG and TIFF)")
    .option("--save-every <n>", "also save the picture every n iterations, beside the result", parseSaveEvery)
    .option("--trace <file>", "write every loss term of every iteration, one JSON object a line")
    .optionsGroup("Input:")
    .option(...BLEND_FLAG, parseBlend);
  addStyleAtFlag(command)
    .option(
      "--recipe <file>",
      "make this result again, as the recipe in it says, from the same pictures; to the byte on the same machine, unless it was changed while it ran, ended by hand, or resumed; a network that was a file is named with --network",
    )
    .option("--init-image <file>", "start from this picture (implies --init image)");
  command.optionsGroup("Masks (gray pictures of any size, white means here, soft edges are mixed):");
  addMaskFlags(command, "mask of what stays as it was, to the bit where it is white");
  command.optionsGroup("Settings:");
  addPresetFlag(command);
  addSettingFlags(addOutputFlags(command));
  addInterruptHelp(command, "stylize");
  addExamples(command, [
    "impasto stylize photo.jpg painting.jpg -o out.png",
    "impasto stylize photo.jpg painting.jpg -o out.png --strength 80 --quality fine --colors keep",
    "impasto stylize photo.jpg monet.jpg munch.jpg -o out.png --region sky.png --region ground.png --protect face.png",
  ]);
  command.action(async (content: string | undefined, styles: string[], flags: Flags) => {
    if (flags.recipe !== undefined) {
      await repeat(flags.recipe, [...(content === undefined ? [] : [content]), ...styles], flags);
      return;
    }
    const at = flags.styleAt ?? [];
    const all = [...styles, ...at.map(({ path }) => path)];
    if (content === undefined || (all.length === 0 && flags.model === undefined)) {
      throw new ImpastoError(
        "bad-request",
        `missing required argument '${content === undefined ? "content" : "style"}'.`,
      );
    }
    // The engine and the codecs load only when there is work for them.
    const { runStylizeJob, summarize } = await import("./stylize-job.ts");
    const terminal = openTerminalBeside(flags.out, flags);
    if (flags.format !== undefined && !isStdout(flags.out)) {
      throw new ImpastoError("bad-request", "--format is for a picture that goes to stdout (-o -).", {
        hint: "A file's format is in its name: end it in .png, .jpg, .webp or .tif.",
      });
    }
    const settings = { ...DEFAULT_SETTINGS, ...(await presetSettings(flags)), ...settingsAmong({ ...flags }) };
    if (flags.initImage !== undefined) settings.init = "image";
    if (settings.init === "image" && flags.initImage === undefined) {
      throw new ImpastoError("bad-request", "--init image needs a picture to start from.", {
        hint: "Name it with --init-image FILE.",
      });
    }
    const report = await runStylizeJob(
      {
        content,
        styles: all,
        weights: [...weightsOf(styles, flags.blend), ...at.map(() => 1)],
        layers: [...styles.map(() => null), ...at.map(({ layers }) => layers)],
        out: flags.out,
        ...(flags.format === undefined ? {} : { format: flags.format }),
        force: flags.force ?? false,
        bitDepth: flags.sixteenBit ? 16 : 8,
        settings,
        ...styleMasks(flags, all),
        ...(flags.protect === undefined ? {} : { protect: flags.protect }),
        ...(flags.initImage === undefined ? {} : { initial: flags.initImage }),
        ...(flags.trace === undefined ? {} : { trace: flags.trace }),
        ...(flags.saveEvery === undefined ? {} : { saveEvery: flags.saveEvery }),
      },
      terminal,
      flags.quiet ?? false,
    );
    terminal.done(summarize(report));
    terminal.json(report);
    if (report.interrupted) process.exitCode = EXIT.interrupted;
  });
}

async function repeat(recipe: string, pictures: readonly string[], flags: Flags): Promise<void> {
  const { out, force, quiet, network, model, json: _json, verbose: _verbose, recipe: _recipe, ...others } = flags;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new ImpastoError("bad-request", "--recipe makes a result again as it was; other settings make another.", {
      hint: "Leave the other flags out, or leave out --recipe.",
    });
  }
  const { repeatRecipe } = await import("./repeat.ts");
  const terminal = openTerminalBeside(flags.out, flags);
  const report = await repeatRecipe(
    recipe,
    { pictures, ...(network !== undefined && { network }), ...(model !== undefined && { model }) },
    { path: out, force: force ?? false },
    terminal,
    quiet ?? false,
  );
  const same = report.identical ? "the same, byte for byte" : "not the same byte for byte";
  terminal.done(`${isStdout(out) ? "stdout" : out}: ${report.width} × ${report.height} px, ${same}.`);
  terminal.json(report);
}

function parseSaveEvery(text: string): number {
  const count = toNumber(text);
  if (typeof count === "number" && Number.isInteger(count) && count >= 1 && count <= 1e6) return count;
  throw new ImpastoError("bad-request", `Expected a whole number from 1 for --save-every but received ${text}.`);
}
