// impasto worker: the command; run-worker.ts does it.

import type { Command } from "commander";
import { addInterruptHelp } from "./interrupts.ts";
import { addExamples, addOutputFlags } from "./program.ts";
import { addQueueFlags } from "./queue-flags.ts";
import type { WorkerFlags } from "./run-worker.ts";

export function addWorker(program: Command): void {
  const command = program
    .command("worker")
    .summary("do the jobs of a companion on another machine")
    .description("Takes jobs from a queue and does them for the companion that put them there.");
  addQueueFlags(command, "where the companion puts its jobs")
    .option("--companion <address>", "the companion, http://host:47820 (also IMPASTO_COMPANION)")
    .option("--token-file <file>", "holds what `impasto pair worker` printed (or IMPASTO_WORKER_TOKEN does)")
    .option("--devices <device>", "what does the work where a job leaves it open: auto, cpu or webgpu", "auto")
    .option("--concurrency <n>", "jobs at the same time", "1")
    .option("--threads <n>", "threads of each; the processor's cores are shared out where not given")
    .option("--name <name>", "how it is called in lists; the machine's name where not given")
    .option("--log-file <file>", "where the log goes; rotated at 5 MB");
  addInterruptHelp(command, "worker");
  addExamples(addOutputFlags(command), [
    "impasto worker --queue redis://127.0.0.1:6379/0 --token-file worker.token",
    "impasto worker --queue rediss://:secret@studio:6379/0 --companion http://studio:47820 --token-file worker.token",
    "impasto worker --devices cpu --concurrency 2 --name desk-7",
  ]);
  command.action(async (flags: WorkerFlags) => (await import("./run-worker.ts")).runWorker(flags));
}
