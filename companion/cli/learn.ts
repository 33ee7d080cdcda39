// impasto learn: makes quick pictures in one or several styles better, by some minutes of learning on the pictures that they
// are for.

import { type Command, InvalidArgumentError, Option } from "commander";
import { evenly } from "../protocol/evenly.ts";
import { OWN_KINDS, OWN_OF_ONE, OWN_OF_SEVERAL, type OwnKind } from "../protocol/learned-styles.ts";
import { LEARN_MINUTES, MAX_LEARN_FRAMES, MAX_LEARN_MINUTES } from "../protocol/limits.ts";
import { STYLE_FILE_ENDING } from "../protocol/style-segments.ts";
import { EXIT } from "./exit-codes.ts";
import { addInterruptHelp, watchInterrupts } from "./interrupts.ts";
import { addExamples, addOutputFlags, FORCE_FLAG } from "./program.ts";
import { addSettingFlag, settingsAmong } from "./setting-flags.ts";
import { type OutputOptions, openTerminal } from "./terminal.ts";

interface Flags extends OutputOptions {
  on: string[];
  /** Missing: in place of `into`. */
  out?: string;
  own?: OwnKind;
  into?: string;
  minutes: number;
  force?: boolean;
}

const FLAGS = ["strength", "styleScale", "seed", "threads"] as const;

export function addLearn(program: Command): void {
  const command = program
    .command("learn")
    .summary("learn a style for many pictures: better quick ones at the same speed")
    .description(
      "Learns STYLE on the pictures that it will be applied to and writes a learned style: a picture that stylize and " +
        "batch take as a style. Quick pictures in it come nearer to the style and take no longer. Several styles go " +
        "into one file and share most of what is learned; --style-mix chooses among them.",
    )
    .usage("<style...> --on <picture...> -o <file> [options]")
    .argument("<style...>", "the picture whose manner is learned, or several")
    .optionsGroup("Output:")
    .option("-o, --out <file>", "the learned style: name.impasto-style; replaced whole")
    .option(...FORCE_FLAG)
    .optionsGroup("Input:")
    .requiredOption("--on <picture...>", "some of the pictures that it is for, folders of them, or patterns")
    .option("--minutes <n>", "how long to learn", parseMinutes, LEARN_MINUTES)
    .option("--into <file>", "add to this learned style, which stays as it is otherwise (and is replaced without -o)")
    .addOption(
      new Option(
        "--own <what>",
        `what each style has of its own: all filters (one alone: ${OWN_OF_ONE} by default), scale and shift of each channel (cin), or one bank of filters (stylebank); several: ${OWN_OF_SEVERAL} by default`,
      ).choices(OWN_KINDS),
    );
  command.optionsGroup("Settings:");
  for (const name of FLAGS) addSettingFlag(command, name);
  addInterruptHelp(addOutputFlags(command), "learn");
  addExamples(command, [
    "impasto learn painting.jpg --on frames/ -o painting.impasto-style",
    "impasto learn monet.jpg munch.jpg --on 'frames/*.png' --minutes 10 -o both.impasto-style",
    "impasto learn turner.jpg --into both.impasto-style --on frames/",
  ]);
  command.action(async (styles: string[], flags: Flags) => await runLearn(styles, flags));
}

async function runLearn(styles: string[], flags: Flags): Promise<void> {
  // The engine and the codecs load only when there is work for them.
  const { checkWritable, fileName, writeFileWhole } = await import("../files.ts");
  const { learnFromFiles } = await import("../learned/learn-from-files.ts");
  const { DEFAULT_SETTINGS } = await import("../protocol/settings.ts");
  const { ImpastoError } = await import("../protocol/errors.ts");
  const { expand } = await import("./batch-plan.ts");
  const { spareInputs } = await import("./spare-inputs.ts");
  const { formatBytes, formatSeconds } = await import("./format.ts");
  const { openProgressView } = await import("./progress.ts");
  const terminal = openTerminal(flags);
  const { seed, strength, styleScale, threads } = { ...DEFAULT_SETTINGS, ...settingsAmong({ ...flags }) };
  const paths = await expand(flags.on);
  const { into, own = null, force = false } = flags;
  const out = flags.out ?? into;
  if (out === undefined) {
    throw new ImpastoError("bad-request", "required option '-o, --out <file>' not specified.", {
      hint: `As in -o name${STYLE_FILE_ENDING}; with --into the file that is added to is replaced.`,
    });
  }
  await spareInputs([out], [...styles, ...paths], "Choose another name for the learned style.");
  if (!out.endsWith(STYLE_FILE_ENDING)) {
    throw new ImpastoError("bad-request", `A learned style has a name of its own kind, which ${out} is not.`, {
      hint: `End it in ${STYLE_FILE_ENDING}.`,
    });
  }
  await checkWritable(out, { force });
  const chosen = evenly(paths, MAX_LEARN_FRAMES);
  const view = openProgressView(process.stderr, flags.quiet ?? false);
  let stop = (): void => {};
  const interrupts = watchInterrupts(() => {
    view.end();
    terminal.note("Ending with what was learned so far. Ctrl-C again ends at once, without it.");
    stop();
  });
  try {
    const named = (path: string) => ({ path, name: fileName(path) });
    const learning = await learnFromFiles(
      {
        styles: styles.map(named),
        own,
        ...(into !== undefined && { into: named(into) }),
        frames: chosen.map(named),
        minutes: flags.minutes,
        settings: { seed, strength, styleScale, threads },
      },
      (progress) => view.update(progress),
    );
    stop = learning.stop;
    if (interrupts.interrupted) stop();
    const { file, ...learned } = await learning.result;
    view.end();
    if (learned.steps === 0) {
      throw new ImpastoError("cancelled", "Ended before anything was learned: nothing was written.");
    }
    await writeFileWhole(out, file, { force });
    const gap = `style gap ${learned.gapBefore.toFixed(3)} → ${learned.gapAfter.toFixed(3)}`;
    for (const note of learned.notes ?? []) terminal.note(note);
    const inFile = learned.styles === undefined ? "" : `${learned.styles.map(({ name }) => name).join(", ")}: `;
    terminal.done(`${out}: ${inFile}${formatBytes(file.length)}, ${gap} in ${formatSeconds(learned.seconds)}.`);
    terminal.json({ out, bytes: file.length, frames: chosen, ...learned });
    if (interrupts.interrupted) process.exitCode = EXIT.interrupted;
  } finally {
    view.end();
    interrupts.release();
  }
}

function parseMinutes(text: string): number {
  const minutes = Number(text);
  if (text.trim() !== "" && minutes > 0 && minutes <= MAX_LEARN_MINUTES) return minutes;
  throw new InvalidArgumentError(`Expected a number of minutes up to ${MAX_LEARN_MINUTES} but received ${text}.`);
}
