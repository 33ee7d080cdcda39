// A worker: looks into the queues when an engine is free, takes one job for each, holds on to it while it is in work,
// and keeps the companion informed. Jobs that were sent one by one come first.

import { randomBytes } from "node:crypto";
import { codeOf } from "../jobs/attempts.ts";
import type { Device } from "../protocol/devices.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { PROTOCOL_VERSION } from "../protocol/ports.ts";
import { EntrySchema, type WorkOrder, type WorkProgress } from "../protocol/work.ts";
import type { Bull, Job, Redis, Worker } from "../queue/bull.ts";
import { parseHint } from "../queue/hints.ts";
import { jobOfEntry } from "../queue/offers.ts";
import { LINES, queueName, rareDevice } from "../queue/queue-names.ts";
import { troubleOf } from "../queue/trouble.ts";
import { isOf } from "../supervisor/parse-message.ts";
import type { EngineSupervisor } from "../supervisor/supervisor.ts";
import type { Workplace } from "./fetch-order.ts";
import { HeldJob } from "./held-job.ts";

/** At the end, for checkpoints and outcomes to get home. */
const CLOSE_MS = 15_000;

export interface AgentOptions {
  place: Workplace;
  bull: Bull;
  /** One job at a time on each. */
  engines: readonly EngineSupervisor[];
  name: string;
  version: string;
  /** Names of what does the work where a job leaves it open. */
  devices: string[];
  /** What it has for jobs that ask for it by name. */
  kinds: Device["kind"][];
  log: (event: Record<string, unknown>) => void;
  /** Told when the companion begins or ceases to refuse it jobs. */
  onRefused?: (refusal: ImpastoError | null) => void;
  /** Told when a job was given back for what this machine lacks. */
  onOwnFailure?: (error: ImpastoError) => void;
}

interface Entry {
  job: Job;
  token: string;
}

export class WorkerAgent {
  readonly #options: AgentOptions;
  /** Those of each line that it looks into, the next one first. */
  readonly #lines: Worker[][];
  readonly #redis: Redis;
  readonly #held = new Set<HeldJob>();
  readonly #sleepers = new Set<() => void>();
  readonly #end = new AbortController();
  /** Null before the companion has said anything. */
  #refused: ImpastoError | null | undefined;
  /** It had to give a job back: it takes none before. */
  #restsUntil = Number.NEGATIVE_INFINITY;
  /** It left a job to others: it does not run for work that is called out before, or it might always be the first. */
  #letsOthersGoFirstUntil = Number.NEGATIVE_INFINITY;
  #beating: Promise<void> | null = null;
  #beatAgain = false;
  #claimedAt = Number.NEGATIVE_INFINITY;
  #clock: NodeJS.Timeout | null = null;
  #slots: Promise<void>[] = [];
  #closing = false;

  constructor(options: AgentOptions) {
    this.#options = options;
    const { bull, kinds, name } = options;
    const devices = new Set([...kinds.map(rareDevice), null]);
    this.#lines = LINES.map((line) => [...devices].map((device) => bull.worker(queueName(line, device), name)));
    this.#redis = options.bull.connection();
  }

  /** Resolves when the companion has heard of it once. */
  async start(): Promise<void> {
    const { bull, engines } = this.#options;
    bull.listen(bull.hintChannel, (text) => this.#hint(text));
    for (const queue of this.#lines.flat()) void queue.startStalledCheckTimer().catch(() => undefined);
    this.#clock = setInterval(() => this.#beatIfDue(), bull.pace.beatMs);
    this.#beat();
    await this.#beating;
    this.#slots = engines.map((engine) => this.#serve(engine));
  }

  /** Puts everything aside where the companion can find it, then ends. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const wake of [...this.#sleepers]) wake();
    for (const held of this.#held) held.pause();
    const end = new Promise((resolve) => this.#end.signal.addEventListener("abort", resolve));
    const late = setTimeout(() => this.#end.abort(), CLOSE_MS);
    await Promise.all(this.#options.engines.map((engine) => engine.close()));
    await Promise.race([Promise.all(this.#slots), end]);
    clearTimeout(late);
    if (this.#clock !== null) clearInterval(this.#clock);
    // What still waits for an answer of the queue fails by this.
    await this.#options.bull.close();
    await Promise.all(this.#slots);
    this.#options.place.link.close();
  }

  async #serve(engine: EngineSupervisor): Promise<void> {
    while (!this.#closing) {
      const entry = this.#refused === null && !this.#rests ? await this.#take() : null;
      if (entry === null) await this.#sleep();
      else await this.#carryOut(entry, engine);
    }
  }

  async #take(): Promise<Entry | null> {
    // BullMQ would wait for it, and an end of this worker with it.
    if (this.#redis.status !== "ready") return null;
    try {
      for (const line of this.#lines) {
        const entry = await this.#takeFrom(line);
        if (entry !== null) return entry;
      }
    } catch (error) {
      this.#options.log({ event: "queue-refused", code: codeOf(error) });
      if (!this.#closing && error instanceof Error) this.#options.bull.onTrouble(troubleOf(error), error.message);
    }
    return null;
  }

  async #takeFrom(line: Worker[]): Promise<Entry | null> {
    for (const queue of [...line]) {
      const token = randomBytes(16).toString("hex");
      const job = (await queue.getNextJob(token, { block: false })) as Job | undefined;
      if (job === undefined) continue;
      // None of them is to wait until the others are empty.
      line.push(...line.splice(line.indexOf(queue), 1));
      return { job, token };
    }
    return null;
  }

  async #carryOut({ job, token }: Entry, engine: EngineSupervisor): Promise<void> {
    const { log, bull } = this.#options;
    const { lockMs, renewMs } = bull.pace;
    if (!isOf(EntrySchema, job.data) || jobOfEntry(job.id ?? "") !== job.data.job) {
      log({ event: "queue-strange", what: "entry" });
      // It stays among the failed ones, for whoever wants to know where it came from.
      await job.moveToFailed(new Error("This is no job of Impasto's."), token, false).catch(() => undefined);
      return;
    }
    // One that cannot be renewed is somebody else's, or will be: the companion says which.
    const renewing = setInterval(() => void job.extendLock(token, lockMs).catch(() => undefined), renewMs);
    try {
      const order = await this.#claim(job.data.job, job);
      if (order !== null) await this.#work(order, engine);
      if (this.#end.signal.aborted) return;
      await job.moveToCompleted(null, token, false);
    } catch (error) {
      log({ event: "entry-not-closed", job: job.data.job, code: codeOf(error) });
    } finally {
      clearInterval(renewing);
    }
  }

  async #claim(id: string, { id: entry = "", attemptsStarted }: Job): Promise<WorkOrder | null> {
    const { link, worker } = this.#options.place;
    const body = { worker, job: id, entry, start: Math.max(1, attemptsStarted) };
    for (;;) {
      try {
        const reply = await link.patiently(() => link.json("workClaim", { body }), this.#end.signal);
        if (reply.type === "work" && this.#held.size === 0) this.#claimedAt = performance.now();
        if (reply.type === "leave") this.#letOthersGoFirst();
        return reply.type === "work" ? reply.order : null;
      } catch (error) {
        // A companion that began anew does not know this worker yet.
        if (!(error instanceof ImpastoError) || error.code !== "conflict") throw error;
        this.#beat();
        await this.#beating;
        if (this.#refused) throw error;
      }
    }
  }

  async #work(order: WorkOrder, engine: EngineSupervisor): Promise<void> {
    const { place, log } = this.#options;
    const { job, attempt } = order;
    const held = new HeldJob(order, place, engine, {
      log,
      tellProgress: (progress) => this.#tell({ job, attempt, progress }),
    });
    this.#held.add(held);
    if (this.#closing) held.pause();
    try {
      await held.work(this.#end.signal);
    } finally {
      this.#held.delete(held);
    }
    if (held.ownFailure !== null) this.#rest(held.ownFailure);
  }

  get #rests(): boolean {
    return performance.now() < this.#restsUntil;
  }

  /** Or it would take and give back one job after the other. */
  #rest(failure: ImpastoError): void {
    this.#options.log({ event: "job-given-back", code: failure.code });
    this.#restsUntil = performance.now() + this.#options.bull.pace.restMs;
    this.#options.onOwnFailure?.(failure);
    this.#beat();
  }

  /** Until the job that it left was offered again. */
  #letOthersGoFirst(): void {
    this.#letsOthersGoFirstUntil = performance.now() + 2 * this.#options.bull.pace.offersEveryMs;
  }

  /** Lost where Redis is away: the next step says more. */
  async #tell(progress: WorkProgress): Promise<void> {
    await this.#redis.publish(this.#options.bull.progressChannel, JSON.stringify(progress)).catch(() => undefined);
  }

  #hint(text: string): void {
    const hint = parseHint(text);
    if (hint === null) this.#options.log({ event: "queue-strange", what: "hint" });
    else if (hint.type === "work") this.#called();
    else if ([...this.#held].some(({ key }) => key.job === hint.job)) this.#beat();
  }

  #called(): void {
    if (performance.now() < this.#letsOthersGoFirstUntil) return;
    for (const wake of [...this.#sleepers]) wake();
  }

  /** The companion has just told all that there is to know where its only job was asked for since the last beat. */
  #beatIfDue(): void {
    if (performance.now() - this.#claimedAt >= this.#options.bull.pace.beatMs) this.#beat();
  }

  /** Says that it is there and asks what its jobs should do: now, and once more if asked for meanwhile. */
  #beat(): void {
    this.#beatAgain = true;
    this.#beating ??= this.#beatAll().finally(() => {
      this.#beating = null;
      if (this.#beatAgain) this.#beat();
    });
  }

  async #beatAll(): Promise<void> {
    const { place, name, version, devices, kinds, engines } = this.#options;
    const own = { name, version, protocol: PROTOCOL_VERSION, slots: engines.length, devices, kinds };
    const body = { worker: place.worker, ...own };
    while (this.#beatAgain) {
      this.#beatAgain = false;
      try {
        const held = [...this.#held];
        const now = { held: held.map(({ key }) => key), ...(this.#rests && { rests: true as const }) };
        const reply = await place.link.json("workBeat", { body: { ...body, ...now } });
        this.#admit(reply.refused === null ? null : ImpastoError.fromBody(reply.refused));
        for (const said of reply.held) {
          const about = held.find(({ key }) => key.job === said.job && key.attempt === said.attempt);
          about?.hear(said);
        }
      } catch (error) {
        // Away for a while: the next beat comes soon.
        this.#options.log({ event: "companion-silent", code: codeOf(error) });
        if (error instanceof ImpastoError && error.code === "unauthorized") this.#admit(error);
        return;
      }
    }
  }

  #admit(refusal: ImpastoError | null): void {
    const isNews = this.#refused === undefined ? refusal !== null : this.#refused?.message !== refusal?.message;
    this.#refused = refusal;
    if (isNews) this.#options.onRefused?.(refusal);
    if (refusal === null) for (const wake of [...this.#sleepers]) wake();
  }

  /** Until somebody calls, or a while has gone by. */
  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(clock);
        this.#sleepers.delete(wake);
        resolve();
      };
      // Not all at the same moment.
      const clock = setTimeout(wake, this.#options.bull.pace.lookEveryMs * (0.75 + Math.random() / 2));
      this.#sleepers.add(wake);
    });
  }
}
