// impasto pair: open the pairing window, list who is paired, revoke, and a fresh address of the companion's page.

import type { Command } from "commander";
import type { RevokeFlags, WorkerPairFlags } from "./pair-actions.ts";
import { addExamples, addOutputFlags } from "./program.ts";
import type { OutputOptions } from "./terminal.ts";

const actions = () => import("./pair-actions.ts");

export function addPair(program: Command): void {
  const pair = program
    .command("pair")
    .summary("connect panels and revoke them")
    .description("Panels that may use the companion.");
  addExamples(pair, ["impasto pair open", "impasto pair list", "impasto pair revoke 0123456789abcdef"]);

  const open = pair.command("open").description("Shows a code for two minutes; type it into the panel.");
  addExamples(addOutputFlags(open), ["impasto pair open", "impasto pair open --json", "impasto pair open --quiet"]);
  open.action(async (flags: OutputOptions) => (await actions()).openWindow(flags));

  const list = pair.command("list").description("Lists who is paired.");
  addExamples(addOutputFlags(list), ["impasto pair list", "impasto pair list --json", "impasto pair list --verbose"]);
  list.action(async (flags: OutputOptions) => (await actions()).listPairings(flags));

  const revoke = pair
    .command("revoke")
    .argument("[id...]", "ids as `impasto pair list` shows them")
    .description("Revokes panels at once.");
  revoke.option("--all", "everyone");
  addExamples(addOutputFlags(revoke), [
    "impasto pair revoke 0123456789abcdef",
    "impasto pair revoke --all",
    "impasto pair revoke --all --json",
  ]);
  revoke.action(async (ids: string[], flags: RevokeFlags) => (await actions()).revokePairings(ids, flags));

  const worker = pair.command("worker").description("Prints a token for a worker on this or another machine.");
  worker.option("--name <name>", "how it is called in the list of pairings", "Worker");
  addExamples(addOutputFlags(worker), [
    "impasto pair worker > worker.token",
    "impasto pair worker --name render-box > worker.token",
    "impasto pair worker --json",
  ]);
  worker.action(async (flags: WorkerPairFlags) => (await actions()).pairWorker(flags));

  const page = pair.command("page").description("Prints a fresh address of the companion's own page.");
  addExamples(addOutputFlags(page), ["impasto pair page", "impasto pair page --json", "impasto pair page --verbose"]);
  page.action(async (flags: OutputOptions) => (await actions()).printPage(flags));
}
