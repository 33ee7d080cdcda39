// Runs the companion in this terminal until it is told to stop.

import { join } from "node:path";
import { type CompanionClient, findCompanion, probe } from "../client.ts";
import { type JobServiceOptions, openJobService } from "../jobs/job-service.ts";
import { createLog, type Log } from "../log.ts";
import type { WindowEvent } from "../pairing/pairing-window.ts";
import { openTokenStore } from "../pairing/token-store.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { formatCode, PAIRING_WINDOW_MS } from "../protocol/pairing.ts";
import type { Pairing } from "../protocol/pairing-messages.ts";
import type { QueueAddress } from "../queue/address.ts";
import { type BucketAddress, openBucket } from "../queue/bucket.ts";
import { type CompanionServer, startServer } from "../server/server.ts";
import { installAtLogin, isOffAtLogin, loginFacts } from "../service/login-file.ts";
import { dataPaths, ensurePrivateFolder, type Folders, folders } from "../storage/data-folder.ts";
import { watchInterrupts } from "./interrupts.ts";
import { canOpenBrowser, openBrowser } from "./open-browser.ts";
import { bucketOf, type QueueFlags, queueOf } from "./queue-flags.ts";
import { tellTrouble } from "./queue-trouble.ts";
import { answerKeys, type KeyParts, noteRefusal } from "./serve-keys.ts";
import { type OutputOptions, openTerminal, type Terminal } from "./terminal.ts";

export interface ServeFlags extends OutputOptions, QueueFlags {
  host?: string;
  logFile?: string;
  open: boolean;
  pair?: boolean;
}

/** Resolves when it was stopped, by a signal, by q or by Ctrl-C, or at once when a companion runs already. */
export async function serve(flags: ServeFlags): Promise<void> {
  const terminal = openTerminal(flags);
  // Whatever is written from here on, also by libraries and children, is its owner's alone.
  process.umask(0o077);
  const queue = queueOf(flags);
  const bucket = bucketOf(flags);
  if (bucket !== null && queue === null) {
    throw new ImpastoError("bad-request", "--blobs is between a companion and its workers.", {
      hint: "Give --queue as well, or leave it out.",
    });
  }
  const places = folders();
  const { data } = places;
  ensurePrivateFolder(data);
  const paths = dataPaths(data);
  const already = await findCompanion(paths.runtimeFile);
  if (already !== null) {
    await showRunning(already, flags, terminal, paths.openPage);
    return;
  }
  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  watchInterrupts(stop);
  const log = flags.logFile === undefined ? defaultLog(places, terminal) : createLog(flags.logFile);
  const elsewhere =
    queue === null ? undefined : await openElsewhere(queue, bucket, { pairings: paths.pairings, terminal });
  const service = await openJobService({ log, ...(elsewhere && { elsewhere }) });
  try {
    const server = await startServer({
      service,
      desk: service.desk,
      log,
      dataFolder: data,
      ...(flags.host !== undefined && { lanHost: flags.host }),
      onPairing: (event) => tellPairing(event, terminal),
    });
    await tellTaken(server, terminal);
    announce(server, flags, queue, terminal, paths.openPage);
    if (flags.pair && !hasPanel(server.tokens.list(""))) server.window.open();
    const atLogin = { isOff: isOffAtLogin, install: () => void installAtLogin(loginFacts()) };
    const keys = { server, terminal, redirectFile: paths.openPage, askedFile: paths.askedAtLogin, atLogin, stop };
    const unbindKeys = bindKeys(keys, flags.pair ?? false);
    await stopped;
    unbindKeys();
    terminal.note("Stopping; running jobs are kept and go on at the next start.");
    await server.close();
  } finally {
    await service.close();
  }
}

/** Nobody asked for it: where it cannot be kept, the companion works without. */
function defaultLog(places: Folders, terminal: Terminal): Log {
  try {
    return createLog(join(places.logs, "companion.log"));
  } catch (error) {
    if (!(error instanceof ImpastoError)) throw error;
    terminal.note(`${error.message} The companion works without one.`);
    return createLog(null);
  }
}

/** BullMQ and what needs it are loaded here and nowhere else in the companion. */
async function openElsewhere(
  queue: QueueAddress,
  address: BucketAddress | null,
  { pairings, terminal }: { pairings: string; terminal: Terminal },
): Promise<JobServiceOptions["elsewhere"]> {
  const bucket = address === null ? null : await openBucket(address);
  const [{ loadBull }, { createElsewhere }] = await Promise.all([
    import("../queue/bull.ts"),
    import("../queue/elsewhere.ts"),
  ]);
  // Where it cannot be used, jobs wait in the ledger meanwhile.
  const bull = await loadBull(queue.url, openTokenStore(pairings).instance, tellTrouble(terminal, queue));
  return (parts) => createElsewhere(bull, parts, { bucket });
}

/** The companion runs already: its page is all that is wanted. */
async function showRunning(
  companion: CompanionClient,
  flags: ServeFlags,
  terminal: Terminal,
  redirectFile: string,
): Promise<void> {
  const address = `http://localhost:${companion.port}`;
  const { ticket } = await companion.json("pairPage");
  const page = `${address}/#ticket=${ticket}`;
  terminal.result(`Impasto is running already at ${address}`);
  terminal.result(`Its page: ${page}`);
  terminal.json({ running: true, port: companion.port, address, page });
  if (flags.pair) await showCode(companion, terminal);
  if (flags.open && canOpenBrowser()) openBrowser(page, redirectFile);
}

/** The companion that runs already tells its own terminal; this one has to be told here. */
async function showCode(companion: CompanionClient, terminal: Terminal): Promise<void> {
  try {
    const { pairings } = await companion.json("pairings");
    if (hasPanel(pairings)) return;
    const { code } = await companion.json("pairOpen");
    terminal.note(codeWords(code));
  } catch (error) {
    noteRefusal(terminal, error);
  }
}

/** Beside the companion's own page and the command line. */
function hasPanel(pairings: readonly Pairing[]): boolean {
  return pairings.some(({ host }) => !["page", "cli", "worker"].includes(host));
}

function codeWords(code: string): string {
  return `Type this code into the panel within ${PAIRING_WINDOW_MS / 1000} seconds: ${formatCode(code)}`;
}

/** Who has the ports that come first: a panel looks there first, too. */
async function tellTaken({ takenPorts, port }: CompanionServer, terminal: Terminal): Promise<void> {
  for (const taken of takenPorts) {
    const who = (await probe(taken)) === null ? "Another program" : "Another user's Impasto";
    terminal.note(`${who} has port ${taken}; using ${port}.`);
  }
}

function announce(
  server: CompanionServer,
  flags: ServeFlags,
  queue: QueueAddress | null,
  terminal: Terminal,
  redirectFile: string,
): void {
  const { port, address } = server;
  const page = server.pageAddress();
  terminal.done(`Impasto is listening at ${address}`);
  terminal.done(`Open its page: ${page}`);
  terminal.json({ running: false, port, address, page });
  if (flags.host !== undefined) {
    terminal.note(`Other machines can reach it at ${flags.host}:${port}. Paired panels only, but unencrypted:`);
    terminal.note("use this on a network that you trust, and stop it when you are done.");
  }
  if (queue !== null) terminal.note(`Jobs go to workers by ${queue.shown}: see \`impasto workers\`.`);
  if (flags.open && canOpenBrowser()) openBrowser(page, redirectFile);
}

function tellPairing(event: WindowEvent, terminal: Terminal): void {
  if (event.type === "opened") {
    terminal.note(codeWords(event.code));
    return;
  }
  const words = {
    paired: "A panel was paired.",
    "wrong-codes": "Five wrong codes; pairing is closed.",
    expired: "Nobody typed the code; pairing is closed.",
    "by-hand": "Pairing is closed.",
  };
  terminal.note(words[event.why]);
}

/** Returns the way back. */
function bindKeys(parts: KeyParts, asks: boolean): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => undefined;
  // A terminal that was closed.
  stdin.on("error", () => undefined);
  stdin.setRawMode(true);
  const press = answerKeys(parts, asks);
  stdin.on("data", (key) => press(key.toString()));
  return () => {
    stdin.setRawMode(false);
    stdin.pause();
  };
}
