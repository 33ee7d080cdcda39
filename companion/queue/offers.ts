// Puts queued jobs of the ledger on the queue, a few at a time and in fair turns, and puts them there again when the
// queue has lost them. What stands on the queue is only an offer: who takes one asks the companion for the job.

import type { Ledger } from "../ledger/ledger.ts";
import { ID_PATTERN } from "../protocol/schemas.ts";
import { codeOf } from "../jobs/attempts.ts";
import type { Bull, Queue, QueueName, Redis } from "./bull.ts";
import { formatHint, type Hint } from "./hints.ts";

/** Of one panel's jobs that were sent one by one: the rest waits in the ledger, so that others get their turn. */
const OFFERED_PER_OWNER = 8;
/** Of frames, for each slot of the workers, and at least; the next ones follow when half are taken. */
const FRAMES_PER_SLOT = 4;
const FRAMES_AT_LEAST = 64;
/** The job's id, and a number that no other entry has. */
const ENTRY = new RegExp(`^(${ID_PATTERN.replace(/[$^]/g, "")})-\\d+$`);

interface Offer {
  entry: string;
  queue: QueueName;
  /** Owner of a single job, or batch of a frame. */
  group: string;
}

/** The job that an entry of the queue is about, or null. */
export function jobOfEntry(entry: string): string | null {
  return ENTRY.exec(entry)?.[1] ?? null;
}

export class Offers {
  readonly #ledger: Ledger;
  readonly #bull: Bull;
  readonly #queues: Record<QueueName, Queue>;
  readonly #redis: Redis;
  readonly #log: (event: Record<string, unknown>) => void;
  readonly #slots: () => number;
  /** By job. */
  readonly #offers = new Map<string, Offer>();
  #filling: Promise<void> | null = null;
  #again = false;
  #clock: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(parts: {
    ledger: Ledger;
    bull: Bull;
    log: (event: Record<string, unknown>) => void;
    /** Of all workers together. */
    slots: () => number;
  }) {
    this.#ledger = parts.ledger;
    this.#bull = parts.bull;
    this.#log = parts.log;
    this.#slots = parts.slots;
    this.#queues = { interactive: parts.bull.queue("interactive"), batch: parts.bull.queue("batch") };
    this.#redis = parts.bull.connection();
  }

  get reachable(): boolean {
    return this.#redis.status === "ready";
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
    if (this.#offers.delete(job)) this.wake();
  }

  hint(hint: Hint): void {
    if (this.reachable) this.#redis.publish(this.#bull.hintChannel, formatHint(hint)).catch(() => undefined);
  }

  /** False when the queue is known to have no such entry any more. */
  async stands(entry: string): Promise<boolean> {
    const keys = (["interactive", "batch"] as const).map((name) => this.#bull.entryKey(name, entry));
    return (await this.#redis.exists(...keys)) > 0;
  }

  beginClose(): void {
    this.#closed = true;
    if (this.#clock !== null) clearInterval(this.#clock);
  }

  /** After the connections were closed, without which what is under way may wait for long. */
  async close(): Promise<void> {
    await this.#filling;
  }

  async #fillAll(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      if (!this.reachable) return;
      try {
        const added = (await this.#fillInteractive()) + (await this.#fillBatches());
        if (added > 0) this.hint({ type: "work" });
      } catch (error) {
        // Asked again at the next look.
        this.#log({ event: "queue-refused", code: codeOf(error) });
        return;
      }
    }
  }

  async #fillInteractive(): Promise<number> {
    const counts = this.#countsBy("interactive");
    const limit = this.#offers.size + OFFERED_PER_OWNER * 64;
    const chosen: { job: string; group: string; priority: number }[] = [];
    for (const { id, owner } of this.#ledger.jobs.waiting(null, limit)) {
      const before = counts.get(owner) ?? 0;
      if (this.#offers.has(id) || before >= OFFERED_PER_OWNER) continue;
      counts.set(owner, before + 1);
      // A panel's second job waits for everybody's first.
      chosen.push({ job: id, group: owner, priority: before + 1 });
    }
    await this.#add("interactive", chosen);
    return chosen.length;
  }

  /** Turn by turn: each next frame from the batch that has the fewest on the queue. */
  async #fillBatches(): Promise<number> {
    const counts = this.#countsBy("batch");
    const offered = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const wanted = Math.max(FRAMES_AT_LEAST, FRAMES_PER_SLOT * this.#slots());
    if (offered > wanted / 2) return 0;
    const lists = this.#ledger.batches.running().map((batch) => {
      const waiting = this.#ledger.jobs.waiting(batch, wanted + (counts.get(batch) ?? 0));
      return { batch, jobs: waiting.filter(({ id }) => !this.#offers.has(id)) };
    });
    const chosen: { job: string; group: string }[] = [];
    while (offered + chosen.length < wanted) {
      const [next] = lists
        .filter(({ jobs }) => jobs.length > 0)
        .sort((a, b) => (counts.get(a.batch) ?? 0) - (counts.get(b.batch) ?? 0));
      const job = next?.jobs.shift();
      if (next === undefined || job === undefined) break;
      counts.set(next.batch, (counts.get(next.batch) ?? 0) + 1);
      chosen.push({ job: job.id, group: next.batch });
    }
    await this.#add("batch", chosen);
    return chosen.length;
  }

  async #add(queue: QueueName, chosen: { job: string; group: string; priority?: number }[]): Promise<void> {
    if (chosen.length === 0) return;
    const entries = chosen.map(({ job, group, priority }) => {
      const entry = `${job}-${this.#ledger.nextSequence()}`;
      this.#offers.set(job, { entry, queue, group });
      return {
        name: "job",
        data: { job },
        opts: {
          jobId: entry,
          removeOnComplete: true,
          removeOnFail: true,
          ...(priority !== undefined && { priority }),
        },
      };
    });
    try {
      await this.#queues[queue].addBulk(entries);
    } catch (error) {
      for (const { job } of chosen) this.#offers.delete(job);
      throw error;
    }
  }

  #countsBy(queue: QueueName): Map<string, number> {
    const counts = new Map<string, number>();
    for (const offer of this.#offers.values()) {
      if (offer.queue === queue) counts.set(offer.group, (counts.get(offer.group) ?? 0) + 1);
    }
    return counts;
  }

  /** Forgets offers that nobody wants any more, and those that the queue has lost. */
  async #look(): Promise<void> {
    if (this.#closed || !this.reachable) return;
    try {
      const queued = this.#ledger.jobs.stillQueued([...this.#offers.keys()]);
      for (const [job, { entry, queue }] of [...this.#offers]) {
        if (queued.has(job)) continue;
        this.#offers.delete(job);
        // One that a worker has taken already says nothing and is asked about by that worker.
        this.#queues[queue].remove(entry).catch(() => undefined);
      }
      const offers = [...this.#offers];
      const pipeline = this.#redis.pipeline();
      for (const [, { entry, queue }] of offers) pipeline.exists(this.#bull.entryKey(queue, entry));
      const answers = offers.length === 0 ? [] : ((await pipeline.exec()) ?? []);
      answers.forEach(([error, there], index) => {
        const [job = "", offer] = offers[index] ?? [];
        if (error === null && there === 0 && this.#offers.get(job) === offer) this.#offers.delete(job);
      });
      this.wake();
    } catch (error) {
      this.#log({ event: "queue-refused", code: codeOf(error) });
    }
  }
}
