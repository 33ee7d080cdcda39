// A job service on a folder of its own, with the fake engine, and what tests do with it again and again.

import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { JobService } from "../../../companion/job-service.ts";
import { type JobServiceOptions, type LocalJobService, openJobService } from "../../../companion/jobs/job-service.ts";
import { isFinal } from "../../../companion/protocol/job-states.ts";
import type { Job, JobEvent, JobRequest } from "../../../companion/protocol/jobs.ts";
import type { Settings } from "../../../companion/protocol/settings.ts";
import { sha256 } from "./pictures.ts";

/** For expect.poll: machines may be busy. */
export const PATIENT = { timeout: 20_000, interval: 20 };

const folders: string[] = [];
process.once("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is removed at the end of the process. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "impasto-test-"));
  folders.push(folder);
  return folder;
}

type Open = (options: JobServiceOptions) => Promise<LocalJobService>;
let open: Open = openJobService;

/** One thing after another: what is asked for first is done first. */
export function worksAlone(): boolean {
  return open === openJobService;
}

/** From here on every service of this test file is opened so. */
export function openServicesWith(other: Open): void {
  open = other;
}

/** Disks of test machines may be nearly full: the reserve is left out. */
export function openTestService(options: JobServiceOptions): Promise<LocalJobService> {
  return open({ ...options, space: { reserveBytes: () => 0, ...options.space } });
}

/** Uploads; returns the hash. */
export async function upload(service: JobService, bytes: Uint8Array): Promise<string> {
  const hash = sha256(bytes);
  await service.putBlob(hash, Readable.from([bytes]), bytes.length);
  return hash;
}

export function request(content: string, style: string, settings: Partial<Settings> = {}, detached = true): JobRequest {
  return { content: { sha256: content }, styles: [{ picture: { sha256: style }, weight: 1 }], settings, detached };
}

export function newKey(owner = "test"): { owner: string; idempotencyKey: string } {
  return { owner, idempotencyKey: randomBytes(12).toString("hex") };
}

export async function submit(service: JobService, job: JobRequest): Promise<Job> {
  return (await service.submit(job, newKey())).job;
}

/** Resolves with the job when it is over. */
export function finished(service: JobService, id: string, timeoutMs = 50_000): Promise<Job> {
  return reached(service, id, ({ state }) => isFinal(state), timeoutMs);
}

/** Resolves with the job when it is as wanted; rejects when that takes too long. */
export function reached(
  service: JobService,
  id: string,
  wanted: (job: Job) => boolean,
  timeoutMs = 50_000,
): Promise<Job> {
  return new Promise((resolve, reject) => {
    let unsubscribe: () => void = () => undefined;
    const clock = setTimeout(() => {
      unsubscribe();
      reject(new Error(`job ${id} is still ${JSON.stringify(service.get(id).state)}`));
    }, timeoutMs);
    const look = () => {
      const job = service.get(id);
      if (!wanted(job)) return;
      clearTimeout(clock);
      unsubscribe();
      resolve(job);
    };
    unsubscribe = service.watch(id, 0, look);
    look();
  });
}

/** All events from now on, and how to stop. */
export function recordEvents(service: JobService, id: string, after = 0): { events: JobEvent[]; stop: () => void } {
  const events: JobEvent[] = [];
  return { events, stop: service.watch(id, after, (event) => events.push(event)) };
}

export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
