// impasto sequence: frames in order, painted so that the strokes stay where they belong.

import type { Command } from "commander";
import { ImpastoError } from "../protocol/errors.ts";
import { BLEND_FLAG, parseBlend } from "./blend.ts";
import { addInterruptHelp } from "./interrupts.ts";
import { addExamples, addOutputFlags, FORCE_FLAG } from "./program.ts";
import type { SequenceFlags } from "./sequence-run.ts";
import { addSettingFlags, toNumber } from "./setting-flags.ts";

export function addSequence(program: Command): void {
  const command = program
    .command("sequence")
    .summary("paint the frames of an animation or a video")
    .description(
      "Paints FRAMES in their order in the manner of STYLE, each from the one before it, so that nothing flickers; " +
        "cuts are found. With several styles their manners are blended. Run again, it goes on where it was interrupted.",
    )
    .argument("<frames...>", "pictures in natural order (2 before 10), a folder, a pattern, or one video (with ffmpeg)")
    .optionsGroup("Output:")
    .requiredOption(
      "-o, --out <folder>",
      "the folder for the results; with ffmpeg also a video: .mp4, .mov, .mkv, .webm",
    )
    .option(...FORCE_FLAG)
    .option("--fps <n>", "frames a second of a video made from pictures (default: 25)", parseRate)
    .optionsGroup("Input:")
    .option(
      "-s, --style <style...>",
      "one or more pictures whose manner is taken; none where --model is the style itself",
    )
    .option(...BLEND_FLAG, parseBlend);
  addSettingFlags(addOutputFlags(command));
  addInterruptHelp(command, "sequence");
  addExamples(command, [
    "impasto sequence frames/ --style painting.jpg -o painted",
    "impasto sequence 'shot-*.png' --style monet.jpg -o out --size 1280 --strength 70",
    "impasto sequence clip.mp4 --style painting.jpg -o painted.mp4",
  ]);
  // The engine and the codecs load only when there is work for them.
  command.action(async (frames: string[], flags: SequenceFlags) =>
    (await import("./sequence-run.ts")).runSequence(frames, flags),
  );
}

function parseRate(text: string): number {
  const rate = toNumber(text);
  if (typeof rate === "number" && rate >= 1 && rate <= 240) return rate;
  throw new ImpastoError("bad-request", `Expected a number from 1 to 240 for --fps but received ${text}.`);
}
