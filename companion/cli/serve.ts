// impasto serve: the command; serve-companion.ts does it. Loaded late, because no other command needs a server.

import type { Command } from "commander";
import { addInterruptHelp } from "./interrupts.ts";
import { addExamples, addOutputFlags } from "./program.ts";
import { addQueueFlags } from "./queue-flags.ts";
import type { ServeFlags } from "./serve-companion.ts";

export function addServe(program: Command): void {
  const command = program
    .command("serve")
    .summary("run the companion, which the panel talks to, and the studio page")
    .description("Runs the companion: the local server behind the panel, and the studio page.");
  command
    .option("--no-open", "do not open the studio in the browser")
    .option("--pair", "also show a code for a panel, unless one is paired already")
    .option("--host <address>", "also listen on this address of the machine, so that others can reach it")
    .option("--log-file <file>", "where the log goes; rotated at 5 MB");
  addQueueFlags(command, "have workers do the jobs that they find there");
  addInterruptHelp(command, "serve");
  addExamples(addOutputFlags(command), [
    "impasto serve",
    "impasto serve --pair --log-file companion.log",
    "impasto serve --host 192.168.1.20",
  ]);
  command.action(async (flags: ServeFlags) => (await import("./serve-companion.ts")).serve(flags));
}
