// impasto workers: the other machines that do the companion's jobs.

import type { Command } from "commander";
import { PACE } from "../queue/pace.ts";
import { addExamples, addOutputFlags } from "./program.ts";
import { type OutputOptions, openTerminal } from "./terminal.ts";

export function addWorkers(program: Command): void {
  const command = program
    .command("workers")
    .summary("list the machines that do the companion's jobs")
    .description("Lists the workers of the running companion, and what each has in work.");
  addExamples(addOutputFlags(command), ["impasto workers", "impasto workers --json", "impasto workers --verbose"]);
  command.action(listWorkers);
}

async function listWorkers(flags: OutputOptions): Promise<void> {
  const terminal = openTerminal(flags);
  const { requireCompanion } = await import("./pair-actions.ts");
  const { printableName } = await import("./printable.ts");
  const list = await (await requireCompanion()).json("workers");
  terminal.json(list);
  if (list.queue === "none") terminal.result("This companion does its jobs itself: it was started without --queue.");
  const trouble = list.trouble ?? (list.queue === "unreachable" ? "does not answer." : null);
  if (trouble !== null) terminal.result(`The queue ${trouble}`);
  if (list.queue === "reachable" && list.workers.length === 0) terminal.result("No worker is there.");
  for (const { name, version, slots, devices, jobs, refused, silentMs } of list.workers) {
    const heard = silentMs < PACE.silentMs ? "" : `  silent for ${Math.round(silentMs / 1000)} s`;
    const busy = `${jobs.length} of ${slots} in work`;
    terminal.result(`${printableName(name)}  ${busy}  ${devices.map(printableName).join(", ")}  ${version}${heard}`);
    if (refused !== null) terminal.result(`  gets no jobs: ${refused}`);
    for (const job of jobs) terminal.detail(`  ${job}`);
  }
}
