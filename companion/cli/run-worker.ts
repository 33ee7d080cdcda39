// Runs a worker in this terminal until it is told to stop.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { engineInfo } from "../engine.ts";
import { createLog } from "../log.ts";
import { packageRoot, packageVersion } from "../package-root.ts";
import { type Device, DeviceListSchema } from "../protocol/devices.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { PORTS } from "../protocol/ports.ts";
import { MAX_SLOTS } from "../protocol/work.ts";
import { type Bucket, openBucket } from "../queue/bucket.ts";
import { loadBull } from "../queue/bull.ts";
import { ensurePrivateFolder, folders } from "../storage/data-folder.ts";
import { isOf } from "../supervisor/parse-message.ts";
import { Supervisor } from "../supervisor/supervisor.ts";
import { WorkerAgent } from "../worker/agent.ts";
import type { Workplace } from "../worker/fetch-order.ts";
import { FileCache } from "../worker/file-cache.ts";
import { openLink } from "../worker/link.ts";
import { watchInterrupts } from "./interrupts.ts";
import { bucketOf, type QueueFlags, requireQueue } from "./queue-flags.ts";
import { tellTrouble } from "./queue-trouble.ts";
import { type OutputOptions, openTerminal } from "./terminal.ts";

export interface WorkerFlags extends OutputOptions, QueueFlags {
  companion?: string;
  tokenFile?: string;
  devices: string;
  concurrency: string;
  threads?: string;
  name?: string;
  logFile?: string;
}

const DEVICES = ["auto", "cpu", "webgpu"] as const;

/** Resolves when it was stopped by a signal, and what it had in work was put aside. */
export async function runWorker(flags: WorkerFlags): Promise<void> {
  const terminal = openTerminal(flags);
  process.umask(0o077);
  const queue = requireQueue(flags);
  const bucketAddress = bucketOf(flags);
  const address = companionAddress(flags.companion ?? process.env.IMPASTO_COMPANION);
  const token = readToken(flags.tokenFile);
  const concurrency = parseWhole(flags.concurrency, "--concurrency", MAX_SLOTS);
  const threads =
    flags.threads === undefined
      ? Math.max(1, Math.floor(engineInfo().threads / concurrency))
      : parseWhole(flags.threads, "--threads", 256);
  const device = DEVICES.find((known) => known === flags.devices);
  if (device === undefined) {
    throw new ImpastoError("bad-request", `Expected one of ${DEVICES.join(", ")} for --devices.`);
  }
  const name = (flags.name ?? hostname()).slice(0, 80);
  const { cache, logs } = folders();
  ensurePrivateFolder(cache);
  const log = createLog(flags.logFile ?? join(logs, "worker.log"));
  const childPath = join(packageRoot(), "dist", "engine-child.js");
  const engines = Array.from(
    { length: concurrency },
    () => new Supervisor({ childPath, onEvent: (event) => log.info(event) }),
  );
  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  watchInterrupts(stop);
  const folder = await mkdtemp(join(tmpdir(), "impasto-worker-"));
  let bucket: Bucket | null = null;
  try {
    const found = await findDevices(engines);
    const devices = usableOf(found, device).map(({ name }) => name);
    const kinds = found.filter(({ usable }) => usable).map(({ kind }) => kind);
    const link = await openLink({ address, token });
    bucket = bucketAddress === null ? null : await openBucket(bucketAddress);
    const bull = await loadBull(queue.url, link.instance, tellTrouble(terminal, queue));
    const place: Workplace = {
      link,
      bucket,
      worker: randomBytes(16).toString("hex"),
      cache: new FileCache(join(cache, "worker")),
      folder,
      preferred: { device, threads },
    };
    const agent = new WorkerAgent({
      ...{ place, bull, engines, name, devices, kinds, version: packageVersion() },
      log: (event) => log.info(event),
      onOwnFailure: ({ message }) =>
        terminal.note(`${message} Its job goes to others; it takes the next one in half a minute.`),
      onRefused: (refusal) =>
        terminal.note(
          refusal === null ? "The companion gives it jobs again." : [refusal.message, refusal.hint].join(" "),
        ),
    });
    await agent.start();
    terminal.done(`Worker ${name} takes ${concurrency === 1 ? "one job" : `${concurrency} jobs`} at a time`);
    terminal.note(`from ${queue.shown}, for the companion at ${address.origin}, on ${devices.join(", ")}.`);
    terminal.json({ name, concurrency, threads, devices, companion: address.origin, queue: queue.shown });
    await stopped;
    terminal.note("Stopping; jobs in work are put aside for others.");
    await agent.close();
  } finally {
    bucket?.close();
    await Promise.all(engines.map((engine) => engine.close()));
    await rm(folder, { recursive: true, force: true });
  }
}

function companionAddress(text = `http://127.0.0.1:${PORTS[0]}`): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:") && url.pathname === "/") return url;
  throw new ImpastoError("bad-request", `Expected http://host:${PORTS[0]} for --companion but received ${text}.`);
}

function readToken(file: string | undefined): string {
  const { IMPASTO_WORKER_TOKEN: token } = process.env;
  if (file === undefined && token !== undefined && token !== "") return token.trim();
  if (file === undefined) {
    throw new ImpastoError("bad-request", "A worker needs a token.", {
      hint: "Run `impasto pair worker` on the companion's machine, keep what it prints in a file, and give --token-file.",
    });
  }
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new ImpastoError("file-not-readable", `The worker's token cannot be read from ${file}.`, { cause });
  }
}

async function findDevices([engine]: Supervisor[]): Promise<Device[]> {
  const answer = await engine?.call("devices");
  if (isOf(DeviceListSchema.properties.devices, answer)) return answer;
  throw new ImpastoError("internal", "The engine gave a strange answer.", { hint: "See `impasto doctor`." });
}

/**
 * What does the work where a job leaves it open. A graphics processor that the worker is to use must agree with the
 * processor; where that is left open, too, one that does not is passed over.
 */
function usableOf(found: readonly Device[], wanted: (typeof DEVICES)[number]): Device[] {
  const asked = (device: Device) => (wanted === "auto" ? true : device.kind === wanted);
  const usable = found.filter((device) => device.usable && asked(device));
  if (usable.length > 0) return usable;
  const why = found.find(asked)?.detail;
  throw new ImpastoError("no-gpu", `This machine's graphics processor cannot be trusted with the work. ${why ?? ""}`, {
    hint: "Run the worker with --devices cpu.",
  });
}

function parseWhole(text: string, flag: string, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= most) return number;
  throw new ImpastoError("bad-request", `Expected a whole number from 1 to ${most} for ${flag} but received ${text}.`);
}
