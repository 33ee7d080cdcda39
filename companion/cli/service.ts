// impasto service: start the companion at login, or not. Off unless somebody turns it on.

import type { Command } from "commander";
import { addExamples, addOutputFlags } from "./program.ts";
import type { ServiceFlags } from "./service-actions.ts";

const actions = () => import("./service-actions.ts");

export function addService(program: Command): void {
  const service = program
    .command("service")
    .summary("start the companion when you log in, or not")
    .description("Whether the companion starts by itself when you log in, and waits for panels in the background.");
  addExamples(service, ["impasto service install", "impasto service status", "impasto service remove"]);

  const install = service.command("install").description("From the next login on, the companion starts by itself.");
  install.option("--dry-run", "print the file that would be written, and write nothing");
  addExamples(addOutputFlags(install), [
    "impasto service install",
    "impasto service install --dry-run",
    "impasto service install --json",
  ]);
  install.action(async (flags: ServiceFlags) => (await actions()).install(flags));

  const remove = service.command("remove").description("The companion starts only when you start it.");
  addExamples(addOutputFlags(remove), [
    "impasto service remove",
    "impasto service remove --quiet",
    "impasto service remove --json",
  ]);
  remove.action(async (flags: ServiceFlags) => (await actions()).remove(flags));

  const status = service.command("status").description("Says which of the two it is.");
  addExamples(addOutputFlags(status), [
    "impasto service status",
    "impasto service status --json",
    "impasto service status --verbose",
  ]);
  status.action(async (flags: ServiceFlags) => (await actions()).status(flags));
}
