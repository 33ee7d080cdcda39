// Puts queued jobs of the ledger on the queue, a few at a time and in fair turns, and puts them there again when the
// queue has lost them. What stands on the queue is only an offer: who takes one asks the companion for the job.

import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../jobs/attempts.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Waiting } from "../ledger/work-list.ts";
import { ID_PATTERN } from "../protocol/schemas.ts";
import type { Bull, Queue, Redis } from "./bull.ts";
import { formatHint, type Hint } from "./hints.ts";
import { type Line, QUEUES, type QueueName, queueName, type RareDevice, rareDevice } from "./queue-names.ts";
import { shortcomingOf, troubleOf } from "./trouble.ts";
import { Turns } from "./turns.ts";
import type { WorkerList } from "./worker-list.ts";

/** Of one panel's jobs that were sent one by one: the rest waits in the ledger, so that others get their turn. */
const OFFERED_PER_OWNER = 8;
/** Of frames, for each slot of the workers, and at least: all batches together. */
const FRAMES_PER_SLOT = 4;
const FRAMES_AT_LEAST = 64;
/** Between two looks at the ledger: frames that begin and end meanwhile share the next one. */
const REST_MS = 20;
/** The job's id, and a number that no other entry has. */
const ENTRY = new RegExp(`^(${ID_PATTERN.replace(/[$^]/g, "")})-\\d+$`);

interface Offer {
  entry: string;
  line: Line;
  device: RareDevice | null;
  /** Owner of a single job, or batch of a frame. */
  group: string;
  /** Those with a lower one are taken first. */
  turn: number;
  /** It is on the queue, not on its way there. */
  made: boolean;
}

/** A job that is to be put on the queue. */
type Chosen = Pick<Offer, "group" | "turn" | "device"> & Pick<Waiting, "id">;

interface OffersParts {
  ledger: Ledger;
  bull: Bull;
  log: (event: Record<string, unknown>) => void;
  workers: Pick<WorkerList, "slots" | "lacks">;
  /** Ends a job that none of the workers can do. */
  giveUp: (job: string, device: RareDevice) => void;
}

/** The job that an entry of the queue is about, or null. */
export function jobOfEntry(entry: string): string | null {
  return ENTRY.exec(entry)?.[1] ?? null;
}

export class Offers {
  readonly #ledger: Ledger;
  readonly #bull: Bull;
  /** Those that were needed so far. */
  readonly #queues = new Map<QueueName, Queue>();
  readonly #redis: Redis;
  readonly #log: OffersParts["log"];
  readonly #workers: OffersParts["workers"];
  readonly #giveUp: OffersParts["giveUp"];
  /** By job. */
  readonly #offers = new Map<string, Offer>();
  readonly #turns = new Turns();
  #filling: Promise<void> | null = null;
  #again = false;
  #clock: NodeJS.Timeout | null = null;
  #closed = false;
  /** Of the connection, or of what was last put on the queue. */
  #failure: string | null = null;
  #shortcoming: string | null = null;

  constructor(parts: OffersParts) {
    this.#ledger = parts.ledger;
    this.#bull = parts.bull;
    this.#log = parts.log;
    this.#workers = parts.workers;
    this.#giveUp = parts.giveUp;
    this.#redis = parts.bull.connection();
    this.#redis.on("error", (error) => this.#failed(error));
    this.#redis.on("ready", () => {
      this.#failure = null;
      void this.#examine();
    });
  }

  get reachable(): boolean {
    return this.#redis.status === "ready";
  }

  /** What is wrong with the queue, to be read after its name, or null. */
  get trouble(): string | null {
    return this.#failure ?? this.#shortcoming;
  }

  start(): void {
    this.#clock = setInterval(() => void this.#look(), this.#bull.pace.offersEveryMs);
    this.wake();
  }

  wake(): void {
    if (this.#closed) return;
    this.#again = true;
    this.#filling ??= this.#fillAll().finally(() => {
      this.#filling = null;
      // Woken between the last look and here.
      if (this.#again) this.wake();
    });
  }

  /** Somebody has the job, or it is over. */
  taken(job: string): void {
    const offer = this.#offers.get(job);
    if (offer === undefined) return;
    this.#offers.delete(job);
    if (offer.line === "batch") this.#turns.taken(offer.turn);
    this.wake();
  }

  hint(hint: Hint): void {
    if (this.reachable) this.#redis.publish(this.#bull.hintChannel, formatHint(hint)).catch(() => undefined);
  }

  /** False when the queues are known to have no such entry any more, or none that a worker looks into. */
  async stands(entry: string): Promise<boolean> {
    const looked = QUEUES.filter(({ device }) => !this.#workers.lacks(device));
    return (await this.#redis.exists(...looked.map(({ name }) => this.#bull.entryKey(name, entry)))) > 0;
  }

  beginClose(): void {
    this.#closed = true;
    if (this.#clock !== null) clearInterval(this.#clock);
  }

  /** After the connections were closed, without which what is under way may wait for long. */
  async close(): Promise<void> {
    await this.#filling;
  }

  #refused(error: unknown): void {
    this.#log({ event: "queue-refused", code: codeOf(error) });
    if (this.#closed || !(error instanceof Error)) return;
    this.#failed(error);
    this.#bull.onTrouble(troubleOf(error), error.message);
  }

  #failed(error: Error): void {
    this.#failure = troubleOf(error);
  }

  /** At each new connection, whose server may be another one, and at each look: somebody may have set it otherwise. */
  async #examine(): Promise<void> {
    const found = shortcomingOf(await this.#redis.info().catch(() => ""));
    if (found !== null && found !== this.#shortcoming) this.#bull.onTrouble(found, "");
    this.#shortcoming = found;
  }

  async #fillAll(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      if (!this.reachable) return;
      try {
        const added = (await this.#fillInteractive()) + (await this.#fillBatches());
        if (added > 0) this.hint({ type: "work" });
        this.#failure = null;
        await sleep(REST_MS);
      } catch (error) {
        // Asked again at the next look.
        this.#refused(error);
        return;
      }
    }
  }

  async #fillInteractive(): Promise<number> {
    const waiting = this.#offerable(this.#ledger.work.waitingByOwner(OFFERED_PER_OWNER));
    const latest = this.#latestTurns();
    const chosen = waiting.map(({ id, device, owner, turn }) => {
      // A panel's second job waits for everybody's first, and none for a later one of the same panel.
      const own = Math.max(turn, latest.get(owner) ?? 0);
      latest.set(owner, own);
      return { id, device, group: owner, turn: own };
    });
    await this.#add("interactive", chosen);
    return chosen.length;
  }

  /** Of the jobs that were sent one by one and are on the queue, by owner. */
  #latestTurns(): Map<string, number> {
    const latest = new Map<string, number>();
    for (const { line, group, turn } of this.#offers.values()) {
      if (line === "interactive") latest.set(group, Math.max(turn, latest.get(group) ?? 0));
    }
    return latest;
  }

  /**
   * Every batch has its share on the queue, and gets more when half of that is taken; an animation one frame, when the
   * one before it is over.
   */
  async #fillBatches(): Promise<number> {
    const batches = this.#ledger.batches.running();
    const counts = this.#countFrames();
    if (counts.size === 0) this.#turns.begin();
    const share = Math.ceil(
      Math.max(FRAMES_AT_LEAST, FRAMES_PER_SLOT * this.#workers.slots()) / Math.max(1, batches.length),
    );
    const chosen = batches.flatMap(({ id: batch, isAnimation }) => {
      const before = counts.get(batch) ?? 0;
      const most = isAnimation ? Number(!this.#ledger.work.isRunning(batch)) : share;
      if (before > most / 2) return [];
      const waiting = this.#offerable(this.#ledger.work.waitingOf(batch, most + before));
      const added = waiting.slice(0, most - before);
      return added.map(({ id, device }) => ({ id, device, group: batch, turn: this.#turns.next(batch) }));
    });
    await this.#add("batch", chosen);
    return chosen.length;
  }

  /** Of those that wait, the ones that are not on the queue yet; what no worker can do is given up. */
  #offerable<T extends Waiting>(waiting: readonly T[]): (T & Pick<Offer, "device">)[] {
    return waiting.flatMap((job) => {
      if (this.#offers.has(job.id)) return [];
      const device = rareDevice(job.device);
      if (device === null || !this.#workers.lacks(device)) return [{ ...job, device }];
      this.#giveUp(job.id, device);
      this.#again = true;
      return [];
    });
  }

  async #add(line: Line, chosen: readonly Chosen[]): Promise<void> {
    for (const device of new Set(chosen.map((each) => each.device))) {
      const some = chosen.filter((each) => each.device === device);
      await this.#addTo(queueName(line, device), line, some);
    }
  }

  async #addTo(name: QueueName, line: Line, chosen: readonly Chosen[]): Promise<void> {
    const entries = chosen.map(({ id: job, ...about }) => {
      const entry = `${job}-${this.#ledger.nextSequence()}`;
      this.#offers.set(job, { ...about, entry, line, made: false });
      const opts = { jobId: entry, removeOnComplete: true, removeOnFail: true, priority: about.turn };
      return { name: "job", data: { job }, opts };
    });
    try {
      await this.#queue(name).addBulk(entries);
      for (const { id } of chosen) {
        const offer = this.#offers.get(id);
        if (offer !== undefined) offer.made = true;
      }
    } catch (error) {
      for (const { id } of chosen) this.#offers.delete(id);
      throw error;
    }
  }

  #queue(name: QueueName): Queue {
    const known = this.#queues.get(name) ?? this.#bull.queue(name);
    this.#queues.set(name, known);
    return known;
  }

  /** By batch. */
  #countFrames(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { line, group } of this.#offers.values()) {
      if (line === "batch") counts.set(group, (counts.get(group) ?? 0) + 1);
    }
    return counts;
  }

  async #forgetLost(): Promise<void> {
    const offers = [...this.#offers].filter(([, { made }]) => made);
    const keys = offers.map(([, { entry, line, device }]) => this.#bull.entryKey(queueName(line, device), entry));
    // Nearly always all of them are there, and one question is enough.
    if (keys.length === 0 || (await this.#redis.exists(...keys)) === keys.length) return;
    const pipeline = this.#redis.pipeline();
    for (const key of keys) pipeline.exists(key);
    const answers = (await pipeline.exec()) ?? [];
    answers.forEach(([error, there], index) => {
      const [job = "", offer] = offers[index] ?? [];
      if (error === null && there === 0 && this.#offers.get(job) === offer) this.#offers.delete(job);
    });
  }

  /** Forgets offers that nobody wants any more, and those that the queue has lost. */
  async #look(): Promise<void> {
    if (this.#closed || !this.reachable) return;
    try {
      const queued = this.#ledger.work.stillQueued([...this.#offers.keys()]);
      for (const [job, { entry, line, device }] of [...this.#offers]) {
        if (queued.has(job) && !this.#workers.lacks(device)) continue;
        this.#offers.delete(job);
        // One that a worker has taken already says nothing and is asked about by that worker.
        const queue = this.#queue(queueName(line, device));
        queue.remove(entry).catch(() => undefined);
      }
      await this.#forgetLost();
      await this.#examine();
      this.wake();
    } catch (error) {
      this.#refused(error);
    }
  }
}
