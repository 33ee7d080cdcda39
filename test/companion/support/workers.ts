// Workers of a test, in its own process: a companion's HTTP face over the service, and agents that do its jobs.

import { randomBytes } from "node:crypto";
import type { JobServiceOptions, LocalJobService } from "../../../companion/jobs/job-service.ts";
import { openTokenStore } from "../../../companion/pairing/token-store.ts";
import type { Device } from "../../../companion/protocol/devices.ts";
import type { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { Bucket } from "../../../companion/queue/bucket.ts";
import { type Bull, loadBull } from "../../../companion/queue/bull.ts";
import { createElsewhere, type ElsewhereOptions } from "../../../companion/queue/elsewhere.ts";
import { PACE, type Pace } from "../../../companion/queue/pace.ts";
import { dataPaths, ensurePrivateFolder } from "../../../companion/storage/data-folder.ts";
import { type EngineSupervisor, Supervisor } from "../../../companion/supervisor/supervisor.ts";
import { WorkerAgent } from "../../../companion/worker/agent.ts";
import { FileCache } from "../../../companion/worker/file-cache.ts";
import { openLink } from "../../../companion/worker/link.ts";
import { startTestServer } from "../server/harness.ts";
import { temporaryFolder } from "./job-service.ts";

/** A tenth of the time that people's machines take for it. */
export const QUICK_PACE = Object.fromEntries(
  Object.entries(PACE).map(([name, ms]) => [name, ms / 10]),
) as unknown as Pace;

/** What makes a service one whose jobs are done elsewhere. The queue's names carry the data folder's own id. */
export async function elsewhereOn(url: string, data: string, options: ElsewhereOptions & { pace?: Pace } = {}) {
  const { pace = PACE, ...more } = options;
  ensurePrivateFolder(data);
  const { instance } = openTokenStore(dataPaths(data).pairings);
  const bull = await loadBull(url, instance, () => undefined, pace);
  const elsewhere: JobServiceOptions["elsewhere"] = (parts) => createElsewhere(bull, parts, more);
  return { elsewhere, bull };
}

export type Face = Awaited<ReturnType<typeof openFace>>;

/** The HTTP face of a service whose jobs are done elsewhere. */
export async function openFace(service: LocalJobService, data: string, ports: readonly number[] = [0]) {
  const test = await startTestServer({ service, desk: service.desk, dataFolder: data, ports });
  const { token } = test.server.tokens.issue({ host: "worker", name: "Worker", scope: "work" });
  return { ...test, address: new URL(test.base), token };
}

export interface TestWorker {
  agent: WorkerAgent;
  bull: Bull;
  log: Record<string, unknown>[];
  refusals: (ImpastoError | null)[];
}

export interface TestWorkerOptions {
  url: string;
  address: URL;
  token: string;
  name: string;
  engines: readonly EngineSupervisor[];
  version?: string;
  devices?: string[];
  kinds?: Device["kind"][];
  cache?: string;
  bucket?: Bucket | null;
  pace?: Pace;
}

export async function startWorker(options: TestWorkerOptions): Promise<TestWorker> {
  const { url, address, token, name, engines, version = "9.9.9", devices = ["Fake processor"], kinds = [] } = options;
  const link = await openLink({ address, token });
  const bull = await loadBull(url, link.instance, () => undefined, options.pace);
  const log: TestWorker["log"] = [];
  const refusals: TestWorker["refusals"] = [];
  const worker = randomBytes(16).toString("hex");
  const cache = new FileCache(options.cache ?? temporaryFolder());
  const agent = new WorkerAgent({
    place: { link, bucket: options.bucket ?? null, worker, cache, folder: temporaryFolder(), preferred: {} },
    ...{ bull, engines, name, version, devices, kinds },
    log: (event) => log.push(event),
    onRefused: (refusal) => refusals.push(refusal),
  });
  await agent.start();
  return { agent, bull, log, refusals };
}

/** Engines with children of their own. */
export function fakeEngines(childPath: string, count = 1): Supervisor[] {
  return Array.from({ length: count }, () => new Supervisor({ childPath, backoffMs: [1, 1, 1] }));
}
