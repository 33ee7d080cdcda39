// Jobs from the command line: through the running companion if there is one, else on the ledger itself.

import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { type CompanionClient, findCompanion } from "../client.ts";
import type { JobFilter, JobService } from "../job-service.ts";
import type { LocalJobService } from "../jobs/job-service.ts";
import type { Batch, BatchChange, BatchEvent, BatchRequest } from "../protocol/batches.ts";
import { isHeartbeat } from "../protocol/client.ts";
import type { Job, JobRequest } from "../protocol/jobs.ts";
import { dataPaths, folders } from "../storage/data-folder.ts";

/** What the command line asks of jobs; errors are JobService's. */
export interface JobAccess {
  /** False when this process does the work itself. */
  readonly remote: boolean;
  /** Returns the hash. */
  upload(bytes: Uint8Array): Promise<string>;
  submit(request: JobRequest, key: string): Promise<Job>;
  list(filter: JobFilter): Promise<Job[]>;
  get(id: string): Promise<Job>;
  cancel(id: string): Promise<Job>;
  remove(id: string): Promise<void>;
  result(id: string): Promise<Uint8Array>;
  submitBatch(request: BatchRequest, key: string): Promise<Batch>;
  getBatch(id: string): Promise<Batch>;
  changeBatch(id: string, change: BatchChange): Promise<Batch>;
  cancelBatch(id: string): Promise<Batch>;
  removeBatch(id: string): Promise<void>;
  /** Calls back with each event until the batch is over or the signal aborts. */
  followBatch(id: string, onEvent: (event: BatchEvent) => void, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Owner of jobs that the command line sends without a companion. */
const LOCAL_OWNER = "command-line";

/** `work: false` for commands that look and change, and start nothing when no companion runs. */
export async function openJobAccess({ work }: { work: boolean }): Promise<JobAccess> {
  const companion = await findCompanion(dataPaths(folders().data).runtimeFile);
  if (companion !== null) return remoteAccess(companion);
  // The ledger's driver loads only when there is no companion.
  const { openJobService } = await import("../jobs/job-service.ts");
  return localAccess(await openJobService({ idle: !work }));
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function localAccess(service: LocalJobService): JobAccess {
  const key = (idempotencyKey: string) => ({ owner: LOCAL_OWNER, idempotencyKey });
  return {
    remote: false,
    async upload(bytes) {
      const sha256 = hashOf(bytes);
      await service.putBlob(sha256, Readable.from([bytes]), bytes.length);
      return sha256;
    },
    submit: async (request, idempotencyKey) => (await service.submit(request, key(idempotencyKey))).job,
    list: async (filter) => service.list(filter),
    get: async (id) => service.get(id),
    cancel: (id) => service.cancel(id),
    remove: (id) => service.remove(id),
    result: (id) => readResult(service, id),
    submitBatch: async (request, idempotencyKey) => (await service.submitBatch(request, key(idempotencyKey))).batch,
    getBatch: async (id) => service.getBatch(id),
    changeBatch: (id, change) => service.changeBatch(id, change),
    cancelBatch: (id) => service.cancelBatch(id),
    removeBatch: (id) => service.removeBatch(id),
    async followBatch(id, onEvent, signal) {
      await new Promise<void>((resolve) => {
        const stop = service.watchBatch(id, 0, (event) => {
          onEvent(event);
          if (isLast(event)) end();
        });
        function end(): void {
          // The first events come before watchBatch returns.
          setImmediate(() => stop());
          resolve();
        }
        signal.addEventListener("abort", end, { once: true });
      });
    },
    close: () => service.close(),
  };
}

async function readResult(service: JobService, id: string): Promise<Uint8Array> {
  const { stream } = await service.result(id);
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

function remoteAccess(companion: CompanionClient): JobAccess {
  return {
    remote: true,
    async upload(bytes) {
      const params = { sha256: hashOf(bytes) };
      await companion.send("blobPut", { params, body: bytes });
      return params.sha256;
    },
    submit: (body, idempotencyKey) => companion.json("jobSubmit", { body, idempotencyKey }),
    async list({ limit, ...filter }) {
      return (await companion.json("jobs", { query: { ...filter, limit: String(limit) } })).jobs;
    },
    get: (id) => companion.json("job", { params: { id } }),
    cancel: (id) => companion.json("jobDelete", { params: { id } }),
    remove: (id) => companion.send("jobDelete", { params: { id }, query: { forget: "true" } }),
    result: (id) => companion.picture("jobResult", { params: { id } }),
    submitBatch: (body, idempotencyKey) => companion.json("batchSubmit", { body, idempotencyKey }),
    getBatch: (id) => companion.json("batch", { params: { id } }),
    changeBatch: (id, body) => companion.json("batchChange", { params: { id }, body }),
    cancelBatch: (id) => companion.json("batchDelete", { params: { id } }),
    removeBatch: (id) => companion.send("batchDelete", { params: { id }, query: { forget: "true" } }),
    async followBatch(id, onEvent, signal) {
      let after = 0;
      while (!signal.aborted) {
        try {
          const query = { after: String(after) };
          for await (const event of companion.lines("batchEvents", { params: { id }, query, signal })) {
            if (isHeartbeat(event)) continue;
            after = event.sequence;
            onEvent(event);
            if (isLast(event)) return;
          }
        } catch (error) {
          if (signal.aborted) return;
          throw error;
        }
      }
    },
    close: async () => undefined,
  };
}

function isLast(event: BatchEvent): boolean {
  return event.type === "state" && (event.batch.state === "done" || event.batch.state === "cancelled");
}
