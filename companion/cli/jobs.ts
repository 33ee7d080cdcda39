// impasto jobs: what the companion has done, does and will do.

import type { Command } from "commander";
import type { CleanFlags, ListFlags } from "./jobs-actions.ts";
import { addExamples, addOutputFlags } from "./program.ts";
import type { OutputOptions } from "./terminal.ts";

const actions = () => import("./jobs-actions.ts");

export function addJobs(program: Command): void {
  const jobs = program
    .command("jobs")
    .summary("list, show, cancel, repeat and clean up jobs")
    .description("Jobs of the companion; they can be listed while it does not run, too.");
  addExamples(jobs, ["impasto jobs list", "impasto jobs show 3f2a", "impasto jobs clean"]);

  const list = jobs.command("list").description("Lists jobs, newest first.");
  list.option("--state <state>", "only those in this state").option("-n, --limit <n>", "at most so many", "20");
  addExamples(addOutputFlags(list), [
    "impasto jobs list",
    "impasto jobs list --state failed",
    "impasto jobs list --limit 1000 --json",
  ]);
  list.action(async (flags: ListFlags) => (await actions()).listJobs(flags));

  const show = jobs.command("show").argument("<id>", "the id, or how it begins").description("Shows one job.");
  addExamples(addOutputFlags(show), [
    "impasto jobs show 3f2a",
    "impasto jobs show 3f2a --json",
    "impasto jobs show 3f2a --verbose",
  ]);
  show.action(async (id: string, flags: OutputOptions) => (await actions()).showJob(id, flags));

  const cancel = jobs.command("cancel").argument("[id...]", "ids, or how they begin").description("Cancels jobs.");
  cancel.option("--all", "every job that is not over");
  addExamples(addOutputFlags(cancel), [
    "impasto jobs cancel 3f2a",
    "impasto jobs cancel 3f2a 81bc",
    "impasto jobs cancel --all",
  ]);
  cancel.action(async (ids: string[], flags: OutputOptions & { all?: boolean }) =>
    (await actions()).cancelJobs(ids, flags),
  );

  const rerun = jobs.command("rerun").argument("<id...>", "ids, or how they begin");
  rerun.description("Does jobs again as they were asked for, and waits for them.");
  addExamples(addOutputFlags(rerun), [
    "impasto jobs rerun 3f2a",
    "impasto jobs rerun 3f2a 81bc",
    "impasto jobs rerun 3f2a --json",
  ]);
  rerun.action(async (ids: string[], flags: OutputOptions) => (await actions()).rerunJobs(ids, flags));

  const clean = jobs
    .command("clean")
    .description("Removes failed and cancelled jobs, and results that are a week old.");
  clean.option("--all", "everything that is over").option("--older-than <days>", "results older than this", "7");
  addExamples(addOutputFlags(clean), [
    "impasto jobs clean",
    "impasto jobs clean --older-than 1",
    "impasto jobs clean --all",
  ]);
  clean.action(async (flags: CleanFlags) => (await actions()).cleanJobs(flags));
}
