// The durable side of the companion: jobs that survive, one engine child, and everything the HTTP face asks of them.

import { join } from "node:path";
import { Readable } from "node:stream";
import type { Bytes, JobFilter, JobService, LiveOptions, SubmitOptions, Unsubscribe } from "../job-service.ts";
import { LearningProcess, type StartLearning } from "../learned/learning-process.ts";
import { inputsOf, type JobRecord, toJob } from "../ledger/job-record.ts";
import { type Ledger, openLedger } from "../ledger/ledger.ts";
import type { Log } from "../log.ts";
import { packageRoot } from "../package-root.ts";
import { type Device, DeviceListSchema } from "../protocol/devices.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { isFinal } from "../protocol/job-states.ts";
import type { Job, JobChange, JobEvent, JobRequest } from "../protocol/jobs.ts";
import { type Doctor, type NetworkInfo, NetworkListSchema, type PullEvent } from "../protocol/networks.ts";
import { type Plan, PlanSchema } from "../protocol/plan.ts";
import type { RequestOf } from "../protocol/request.ts";
import type { PictureRef } from "../protocol/request-schema.ts";
import { checkStyles } from "../protocol/settings-checks.ts";
import { dataPaths, ensurePrivateFolder, folders } from "../storage/data-folder.ts";
import type { DiskSpaceOptions } from "../storage/disk-space.ts";
import { type FileSystem, realFileSystem } from "../storage/file-system.ts";
import type { PictureFile } from "../supervisor/messages.ts";
import { ConvertedSchema, isOf } from "../supervisor/parse-message.ts";
import { type EngineSupervisor, Supervisor, type SupervisorOptions } from "../supervisor/supervisor.ts";
import type { WorkDesk } from "../work-desk.ts";
import { type AttemptFolders, Attempts } from "./attempts.ts";
import { Attendance } from "./attendance.ts";
import { Batches } from "./batches.ts";
import { diagnose } from "./diagnosis.ts";
import { type Controls, JobChanges } from "./job-changes.ts";
import { settingsOf } from "./job-settings.ts";
import { Learnings } from "./learnings.ts";
import { LivePictures, pictureOf } from "./live-pictures.ts";
import { ModelsDesk } from "./models-desk.ts";
import { PictureStore } from "./picture-store.ts";
import { Pulls } from "./pulls.ts";
import { recoverJobs, sweepCheckpoints } from "./recovery.ts";
import { type Dispatcher, Runner } from "./runner.ts";
import { digestOf, findEarlier, newId, submitOnce } from "./submit-once.ts";
import { Transitions } from "./transitions.ts";

export interface JobServiceOptions {
  /** The data folder, made if missing; the user's own where not given. */
  data?: string;
  /** The child's module; dist/engine-child.js where not given. */
  childPath?: string;
  /** Learns styles instead of a process of its own. */
  startLearning?: StartLearning;
  supervisor?: Omit<SupervisorOptions, "childPath" | "onEvent">;
  /** Does the work instead of a supervised child. */
  engine?: EngineSupervisor;
  space?: DiskSpaceOptions;
  /** Clocks of jobs that nobody watches. */
  attendance?: { pauseMs?: number; cancelMs?: number };
  fileSystem?: FileSystem;
  log?: Log;
  /** Looks and changes only: no job is taken up. */
  idle?: boolean;
  /** Has jobs carried out elsewhere (companion/queue); by this process's own engine where not given. */
  elsewhere?: (parts: ElsewhereParts) => Elsewhere;
}

export interface ElsewhereParts {
  ledger: Ledger;
  transitions: Transitions;
  attempts: Attempts;
  pictures: PictureStore;
  fileSystem: FileSystem;
  folders: AttemptFolders;
  log: (event: Record<string, unknown>) => void;
}

export interface Elsewhere extends Dispatcher, Controls {
  readonly desk: WorkDesk;
}

const DEVICES_FRESH_MS = 300_000;

/**
 * Opens the ledger, takes up what the last companion left, and starts working. Throws ImpastoError: "busy" when
 * another process has the data folder, "version-mismatch" for a newer ledger, "file-not-writable".
 */
export async function openJobService(options: JobServiceOptions = {}): Promise<LocalJobService> {
  const { data = folders().data } = options;
  const paths = dataPaths(data);
  for (const folder of [data, paths.blobs, paths.temporary, paths.checkpoints]) ensurePrivateFolder(folder);
  const ledger = openLedger(paths.ledger);
  try {
    const service = new LocalJobService(ledger, paths, options);
    await service.start(options.idle === true);
    return service;
  } catch (error) {
    ledger.close();
    throw error;
  }
}

export class LocalJobService implements JobService {
  readonly #ledger: Ledger;
  readonly #pictures: PictureStore;
  readonly #transitions: Transitions;
  readonly #supervisor: EngineSupervisor;
  readonly #attempts: Attempts;
  readonly #dispatcher: Dispatcher;
  readonly #changes: JobChanges;
  /** Null where all work is done here. */
  readonly desk: WorkDesk | null;
  readonly #attendance: Attendance;
  readonly #batches: Batches;
  readonly #pulls: Pulls;
  readonly #livePictures: LivePictures;
  readonly #models: ModelsDesk;
  readonly learnings: Learnings;
  readonly #fileSystem: FileSystem;
  readonly #checkpoints: string;
  #devices: { list: Promise<Device[]>; at: number } | null = null;
  #closing: Promise<void> | null = null;

  constructor(ledger: Ledger, paths: ReturnType<typeof dataPaths>, options: JobServiceOptions) {
    const { log, childPath = join(packageRoot(), "dist", "engine-child.js") } = options;
    this.#ledger = ledger;
    this.#fileSystem = options.fileSystem ?? realFileSystem;
    this.#checkpoints = paths.checkpoints;
    this.#pictures = new PictureStore(ledger, this.#fileSystem, paths, options.space);
    this.#transitions = new Transitions(ledger, (job) => {
      log?.info({ event: `job-${job.state}`, job: job.id, attempts: job.attempt, code: job.error?.code });
      this.#attendance.back(job.id);
      void this.#attempts.cleanUp(job);
    });
    this.#supervisor =
      options.engine ?? new Supervisor({ ...options.supervisor, childPath, onEvent: (event) => log?.info(event) });
    const parts = {
      ledger,
      transitions: this.#transitions,
      pictures: this.#pictures,
      fileSystem: this.#fileSystem,
      folders: paths,
      log: (event: Record<string, unknown>) => log?.info(event),
    };
    this.#attempts = new Attempts({ ...parts, wake: () => this.#dispatcher.wake() });
    const elsewhere = options.elsewhere?.({ ...parts, attempts: this.#attempts }) ?? null;
    this.desk = elsewhere?.desk ?? null;
    const controls = elsewhere ?? this.#supervisor;
    const wake = (): void => this.#dispatcher.wake();
    this.#dispatcher = elsewhere ?? new Runner({ ...parts, attempts: this.#attempts, supervisor: this.#supervisor });
    this.#changes = new JobChanges({ ...parts, attempts: this.#attempts, controls, wake });
    this.#attendance = new Attendance({
      ...options.attendance,
      onPause: (id) => this.#changes.pauseUnwatched(id),
      onCancel: (id) => this.#changes.cancelUnwatched(id),
    });
    this.#batches = new Batches(ledger, this.#transitions, this.#pictures, {
      wake,
      pauseRunning: (id) => controls.pause(id),
      cancelRunning: (id) => controls.cancel(id),
      afterRemoval: (jobs) => this.#afterRemoval(jobs),
    });
    this.#models = new ModelsDesk(this.#supervisor, this.#fileSystem, this.#pictures.space, paths.temporary);
    this.learnings = new Learnings(paths.learnings, this.#pictures, options.startLearning ?? startLearning);
    this.#pulls = new Pulls(this.#supervisor, () => ledger.nextSequence());
    this.#livePictures = new LivePictures(this.#supervisor);
  }

  /** Takes up what the last companion left; `idle`: begins none of it. */
  async start(idle = false): Promise<void> {
    await this.#pictures.sweep();
    // Who only looks leaves them as they are.
    const waiting = recoverJobs(this.#ledger, idle || this.desk !== null);
    if (idle) return;
    for (const id of waiting) this.#attendance.gone(id);
    await sweepCheckpoints(this.#ledger, this.#fileSystem, this.#checkpoints);
    this.#attempts.start();
    this.#dispatcher.start();
    // A long look through the pictures, for accounting only: nobody waits for it.
    void this.#pictures.reconcile().catch(() => undefined);
  }

  models: JobService["models"] = () => this.#models.list();
  addModel: JobService["addModel"] = (model, stream, options) => this.#models.add(model, stream, options);
  removeModel: JobService["removeModel"] = (name) => this.#models.remove(name);

  putBlob: JobService["putBlob"] = (sha256, stream, declaredBytes) => this.#pictures.put(sha256, stream, declaredBytes);
  hasBlob: JobService["hasBlob"] = (sha256) => this.#pictures.has(sha256);

  async submit(request: JobRequest, key: SubmitOptions): Promise<{ job: Job; created: boolean }> {
    const settings = settingsOf(request.settings, request.initial !== undefined);
    checkStyles(settings, request.styles);
    const hashes = inputsOf(request);
    const digest = digestOf(request);
    // A request that is repeated wants no room and no pictures any more.
    if (findEarlier(this.#ledger, key, digest) === null) await this.#pictures.require(hashes);
    const { owner } = key;
    const { target, created } = submitOnce(this.#ledger, key, digest, newId(), (id) => {
      const detached = request.detached === true;
      this.#ledger.jobs.insert({ id, owner, request, settings, detached, batch: null }, this.#ledger.stamp());
      this.#pictures.touch(hashes);
    });
    if (created) {
      if (request.detached !== true) this.#attendance.gone(target);
      this.#transitions.announce(target);
      this.#dispatcher.wake();
    }
    return { job: this.get(target), created };
  }

  list(filter: JobFilter): Job[] {
    if (filter.before !== undefined) this.#find(filter.before);
    return this.#ledger.jobs.list(filter).map((record) => this.#show(record));
  }

  get(id: string): Job {
    return this.#show(this.#find(id));
  }

  async change(id: string, change: JobChange): Promise<Job> {
    await this.#changes.change(this.#find(id), change);
    return this.get(id);
  }

  async cancel(id: string): Promise<Job> {
    this.#find(id);
    this.#changes.cancel(id);
    this.#dispatcher.wake();
    return this.get(id);
  }

  async remove(id: string): Promise<void> {
    const job = this.#find(id);
    if (job.batch !== null) {
      throw new ImpastoError("conflict", "This job is a frame of a batch.", { hint: "Remove the batch." });
    }
    this.#changes.cancel(id);
    this.#ledger.transaction(() => this.#ledger.jobs.remove(id), "surely");
    await this.#afterRemoval([job]);
  }

  async result(id: string): Promise<Bytes> {
    const sha256 = this.#resultOf(id);
    const blob = await this.#pictures.open(sha256);
    return blob === null ? this.#makeAgain(id) : { ...blob, contentType: "image/png" };
  }

  /** Shrunk in the engine child, like all decoding of what others made: a worker's result is no better than a stranger's file. */
  async thumbnail(id: string): Promise<Bytes> {
    const sha256 = this.#resultOf(id);
    if (!(await this.#pictures.isWhole(sha256))) return this.#makeAgain(id);
    return pictureOf(await this.#supervisor.call("shrink", this.#pictures.path(sha256)));
  }

  /** Its hash. */
  #resultOf(id: string): string {
    const job = this.#find(id);
    if (job.state !== "done" || job.result === null) {
      throw new ImpastoError("conflict", `This job has no result: it is ${job.state}.`);
    }
    if (!job.hasResult) {
      throw new ImpastoError("not-found", "The result was removed to make room on the disk.", {
        hint: "Run the job again.",
      });
    }
    return job.result.sha256;
  }

  #makeAgain(id: string): never {
    if (this.#transitions.redo(id)) this.#dispatcher.wake();
    throw new ImpastoError("conflict", "The result was damaged on the disk and is being made again.");
  }

  async preview(id: string, sequence: number): Promise<Bytes & { sequence: number }> {
    this.#find(id);
    const preview = this.#attempts.previewOf(id);
    if (preview === null || preview.sequence < sequence) {
      throw new ImpastoError("not-found", "There is no such preview.");
    }
    const bytes = await this.#fileSystem.read(preview.path).catch((cause: unknown) => {
      throw new ImpastoError("not-found", "That preview has been replaced.", { cause });
    });
    return {
      stream: Readable.from([bytes]),
      bytes: bytes.length,
      contentType: "image/jpeg",
      sequence: preview.sequence,
    };
  }

  watch(id: string, after: number, listener: (event: JobEvent) => void): Unsubscribe {
    return this.#transitions.events.watch(this.#find(id), after, listener);
  }

  clientGone(id: string): void {
    const job = this.#ledger.jobs.find(id);
    if (job === undefined || isFinal(job.state) || job.detached || job.batch !== null) return;
    this.#attendance.gone(id);
  }

  clientBack(id: string): void {
    this.#attendance.back(id);
    this.#changes.resumeWatched(id);
  }

  async plan(request: JobRequest): Promise<Plan> {
    const answer = await this.#supervisor.call("plan", await this.#filesOf(request));
    if (!isOf(PlanSchema, answer)) throw strangeAnswer();
    return answer;
  }

  async live(request: JobRequest, options: LiveOptions): Promise<Bytes> {
    return await this.#livePictures.paint(await this.#filesOf(request), options);
  }

  async convert(ref: PictureRef): Promise<Bytes> {
    await this.#pictures.require([ref.sha256]);
    const { sha256, name = "The picture" } = ref;
    const answer = await this.#supervisor.call("convert", { path: this.#pictures.path(sha256), name, ref });
    if (!isOf(ConvertedSchema, answer)) throw strangeAnswer();
    return { ...pictureOf(answer.bytes), notes: answer.notes };
  }

  submitBatch: JobService["submitBatch"] = (request, key) => this.#batches.submit(request, key);
  listBatches: JobService["listBatches"] = (limit) => this.#batches.list(limit);
  getBatch: JobService["getBatch"] = (id) => this.#batches.get(id);
  changeBatch: JobService["changeBatch"] = (id, change) => this.#batches.change(id, change);
  cancelBatch: JobService["cancelBatch"] = async (id) => this.#batches.cancel(id);
  removeBatch: JobService["removeBatch"] = (id) => this.#batches.remove(id);
  watchBatch: JobService["watchBatch"] = (id, after, listener) => this.#batches.watch(id, after, listener);

  devices(): Promise<Device[]> {
    const now = this.#ledger.now();
    if (this.#devices === null || now - this.#devices.at > DEVICES_FRESH_MS) {
      const list = this.#askDevices();
      this.#devices = { list, at: now };
      list.catch(() => {
        this.#devices = null;
      });
    }
    return this.#devices.list;
  }

  async networks(): Promise<NetworkInfo[]> {
    const networks = await this.#supervisor.call("networks");
    if (!isOf(NetworkListSchema.properties.networks, networks)) throw strangeAnswer();
    return networks;
  }

  async pullNetwork(name: string): Promise<NetworkInfo> {
    const network = (await this.networks()).find((candidate) => candidate.name === name);
    if (network === undefined) {
      throw new ImpastoError("network-unknown", `There is no network named ${JSON.stringify(name)} to fetch.`);
    }
    if (network.state === "missing") this.#pulls.start(network);
    return network;
  }

  watchPull(name: string, after: number, listener: (event: PullEvent) => void): Unsubscribe {
    return this.#pulls.watch(name, after, listener);
  }

  doctor(): Promise<Doctor> {
    return diagnose({
      facts: () => this.#supervisor.call("facts"),
      devices: () => this.devices(),
      networks: () => this.networks(),
      disk: () => this.#pictures.space.use(),
      jobs: () => this.#ledger.jobs.countByState(),
    });
  }

  /** Process id of the engine child while there is one. */
  get childPid(): number | undefined {
    return this.#supervisor.pid;
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#attendance.close();
      this.#attempts.beginClose();
      await this.#dispatcher.close();
      await this.learnings.close();
      await this.#supervisor.close();
      await this.#attempts.close();
      this.#ledger.close();
    })();
    return this.#closing;
  }

  #find(id: string): JobRecord {
    const job = this.#ledger.jobs.find(id);
    if (job === undefined) throw new ImpastoError("not-found", "There is no such job.");
    return job;
  }

  /** A request that becomes no job. */
  async #filesOf(request: JobRequest): Promise<RequestOf<PictureFile>> {
    const settings = settingsOf(request.settings, request.initial !== undefined);
    checkStyles(settings, request.styles);
    await this.#pictures.require(inputsOf(request));
    return this.#pictures.files(request, settings);
  }

  #show(record: JobRecord): Job {
    const { batchEvents } = this.#transitions;
    return { ...toJob(record, (batch) => batchEvents.doneOf(batch)), progress: this.#attempts.progressOf(record) };
  }

  /** The ledger knows them no more: what they left goes, and what only they named. */
  async #afterRemoval(jobs: readonly JobRecord[]): Promise<void> {
    for (const job of jobs) {
      this.#attendance.back(job.id);
      await this.#attempts.cleanUp(job);
    }
    await this.#pictures.dropUnreferenced(jobs.flatMap(({ result }) => result?.sha256 ?? []));
    this.#dispatcher.wake();
  }

  async #askDevices(): Promise<Device[]> {
    const devices = await this.#supervisor.call("devices");
    if (!isOf(DeviceListSchema.properties.devices, devices)) throw strangeAnswer();
    return devices;
  }
}

function strangeAnswer(): ImpastoError {
  return new ImpastoError("internal", "The engine gave a strange answer.", { hint: "Try again." });
}

const startLearning: StartLearning = (work, handlers) => new LearningProcess(work, handlers);
