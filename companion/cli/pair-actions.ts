// What the commands of `impasto pair` do: through the running companion, or on its list of pairings when none runs.

import { setTimeout as sleep } from "node:timers/promises";
import { Value } from "typebox/value";
import { type CompanionClient, findCompanion } from "../client.ts";
import { openTokenStore } from "../pairing/token-store.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { formatCode } from "../protocol/pairing.ts";
import type { Pairing } from "../protocol/pairing-messages.ts";
import { WorkerNameSchema } from "../protocol/work.ts";
import { dataPaths, ensurePrivateFolder, folders } from "../storage/data-folder.ts";
import { printableName } from "./printable.ts";
import { type OutputOptions, openTerminal } from "./terminal.ts";

const POLL_MS = 500;

export interface RevokeFlags extends OutputOptions {
  all?: boolean;
}

/** The companion that runs. Throws ImpastoError("companion-unreachable") where none does. */
export async function requireCompanion(): Promise<CompanionClient> {
  const companion = await findCompanion(dataPaths(folders().data).runtimeFile);
  if (companion !== null) return companion;
  throw new ImpastoError("companion-unreachable", "The companion is not running.", {
    hint: "Start it with `impasto serve`.",
  });
}

export async function openWindow(flags: OutputOptions): Promise<void> {
  const terminal = openTerminal(flags);
  const companion = await requireCompanion();
  const before = new Set((await pairings(companion)).map(({ id }) => id));
  const window = await companion.json("pairOpen");
  terminal.result(`Type this code into the panel within two minutes: ${formatCode(window.code)}`);
  terminal.json({ code: formatCode(window.code), expiresAt: window.expiresAt });
  for (;;) {
    await sleep(POLL_MS);
    const health = await companion.json("health");
    if (health.pairing === "closed") break;
  }
  const paired = (await pairings(companion)).find(({ id, host }) => !before.has(id) && host !== "page");
  if (paired === undefined) {
    throw new ImpastoError("pairing-closed", "No panel was paired.", { hint: "Run it again for a new code." });
  }
  terminal.done(`Paired: ${nameOf(paired)}`);
  terminal.json({ paired: paired.id, name: nameOf(paired) });
}

async function pairings(companion: CompanionClient): Promise<Pairing[]> {
  return (await companion.json("pairings")).pairings;
}

/** Without a companion its file is read; nobody else writes it then. */
export async function listPairings(flags: OutputOptions): Promise<void> {
  const terminal = openTerminal(flags);
  const { data } = folders();
  const companion = await findCompanion(dataPaths(data).runtimeFile);
  ensurePrivateFolder(data);
  const list = companion === null ? openTokenStore(dataPaths(data).pairings).list("") : await pairings(companion);
  terminal.json({ pairings: list });
  if (list.length === 0) terminal.result("No panel is paired. Run `impasto pair open`.");
  for (const pairing of list) {
    const seen = new Date(pairing.lastSeenAt).toLocaleString();
    terminal.result(`${pairing.id}  ${nameOf(pairing)}  last seen ${seen}`);
  }
}

export async function revokePairings(ids: string[], flags: RevokeFlags): Promise<void> {
  const terminal = openTerminal(flags);
  if (ids.length === 0 && !flags.all) {
    throw new ImpastoError("bad-request", "Say which pairing to revoke.", {
      hint: "Give ids from `impasto pair list`, or --all.",
    });
  }
  const { data } = folders();
  const companion = await findCompanion(dataPaths(data).runtimeFile);
  ensurePrivateFolder(data);
  if (companion !== null) {
    requireKnown(ids, await pairings(companion));
    if (flags.all) await companion.send("pairingsDelete");
    else for (const id of ids) await companion.send("pairingDelete", { params: { id } });
  } else {
    const tokens = openTokenStore(dataPaths(data).pairings);
    requireKnown(ids, tokens.list(""));
    if (flags.all) tokens.revokeAllBut("");
    else for (const id of ids) tokens.revoke(id);
  }
  terminal.done(flags.all ? "Revoked all." : `Revoked ${ids.join(", ")}.`);
  terminal.json({ revoked: flags.all ? "all" : ids });
}

/** Before the first is revoked: all or none. */
function requireKnown(ids: readonly string[], list: readonly Pairing[]): void {
  const unknown = ids.find((id) => !list.some((pairing) => pairing.id === id));
  if (unknown === undefined) return;
  throw new ImpastoError("not-found", `There is no pairing ${unknown}.`, { hint: "See `impasto pair list`." });
}

export interface WorkerPairFlags extends OutputOptions {
  name: string;
}

/** Through the running companion, or into its list of pairings when none runs. */
export async function pairWorker({ name, ...flags }: WorkerPairFlags): Promise<void> {
  const terminal = openTerminal(flags);
  const { data } = folders();
  ensurePrivateFolder(data);
  if (!Value.Check(WorkerNameSchema, name)) {
    throw new ImpastoError("bad-request", "The name of a worker has 1 to 80 characters on one line.");
  }
  const companion = await findCompanion(dataPaths(data).runtimeFile);
  const token =
    companion === null
      ? openTokenStore(dataPaths(data).pairings).issue({ host: "worker", name, scope: "work" }).token
      : (await companion.json("pairWorker", { body: { name } })).token;
  terminal.result(token);
  terminal.json({ token });
  terminal.note(
    "Shown this once. Whoever has it gets the pictures of the jobs that it takes: keep it in a file of yours.",
  );
}

export async function printPage(flags: OutputOptions): Promise<void> {
  const terminal = openTerminal(flags);
  const companion = await requireCompanion();
  const { ticket } = await companion.json("pairPage");
  const page = `http://localhost:${companion.port}/#ticket=${ticket}`;
  terminal.result(page);
  terminal.json({ page });
}

function nameOf({ name, host }: Pairing): string {
  return name === "" ? host : printableName(name);
}
