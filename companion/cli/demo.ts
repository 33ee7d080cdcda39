// impasto demo: the sample pair, so that the first command on a fresh machine ends with a picture.

import { join, resolve } from "node:path";
import type { Command } from "commander";
import { packageRoot } from "../package-root.ts";
import { DEFAULT_SETTINGS } from "../protocol/settings.ts";
import { isStdout } from "../standard-streams.ts";
import { EXIT } from "./exit-codes.ts";
import { formatSeconds } from "./format.ts";
import { addInterruptHelp } from "./interrupts.ts";
import { addExamples, addOutputFlags, FORCE_FLAG } from "./program.ts";
import { addSettingFlag, settingsAmong } from "./setting-flags.ts";
import { type OutputOptions, openTerminalBeside } from "./terminal.ts";

export function addDemo(program: Command): void {
  const command = program
    .command("demo")
    .summary("paint the sample pair, to see that all works")
    .description("Paints a photograph of Tübingen in the manner of The Starry Night and writes demo.png.")
    .option("-o, --out <file>", "the result", "demo.png")
    .option(...FORCE_FLAG);
  for (const name of ["quality", "strength", "device", "network"] as const) addSettingFlag(command, name);
  addOutputFlags(command);
  addInterruptHelp(command, "demo");
  addExamples(command, ["impasto demo", "impasto demo --quality draft", "impasto demo -o starry.jpg --strength 80"]);
  command.action(async (flags: OutputOptions & { out: string; force?: boolean }) => {
    const { runStylizeJob, summarize } = await import("./stylize-job.ts");
    const terminal = openTerminalBeside(flags.out, flags);
    const samples = join(packageRoot(), "companion", "samples");
    terminal.note("Painting Tübingen (photograph: Andreas Praefcke, CC BY 3.0) in the manner of The Starry Night.");
    const started = performance.now();
    const report = await runStylizeJob(
      {
        content: join(samples, "tubingen.jpg"),
        styles: [join(samples, "starry-night.jpg")],
        weights: [1],
        out: flags.out,
        force: flags.force ?? false,
        bitDepth: 8,
        settings: { ...DEFAULT_SETTINGS, ...settingsAmong({ ...flags }) },
      },
      terminal,
      flags.quiet ?? false,
    );
    terminal.done(summarize(report));
    const place = isStdout(report.out) ? "on stdout" : `at ${resolve(report.out)}`;
    terminal.done(`It is ${place} after ${formatSeconds((performance.now() - started) / 1000)}.`);
    terminal.json(report);
    if (report.interrupted) process.exitCode = EXIT.interrupted;
  });
}
