// Downloads of networks: one at a time for each name, with a stream of events like a job's.

import { ImpastoError } from "../protocol/errors.ts";
import type { NetworkInfo, PullEvent } from "../protocol/networks.ts";
import { NetworkSchema } from "../protocol/networks.ts";
import { isOf } from "../supervisor/parse-message.ts";
import type { EngineSupervisor } from "../supervisor/supervisor.ts";
import { ListenerSet } from "./events.ts";

export class Pulls {
  readonly #supervisor: EngineSupervisor;
  readonly #nextSequence: () => number;
  readonly #latest = new Map<string, PullEvent>();
  readonly #running = new Set<string>();
  readonly #listeners = new ListenerSet<PullEvent>();

  constructor(supervisor: EngineSupervisor, nextSequence: () => number) {
    this.#supervisor = supervisor;
    this.#nextSequence = nextSequence;
  }

  /** Returns when it has begun; a download of the same network under way is joined. */
  start(network: NetworkInfo): void {
    const { name } = network;
    if (this.#running.has(name)) return;
    this.#running.add(name);
    this.#emit(name, { type: "progress", receivedBytes: 0, totalBytes: network.bytes });
    void this.#pull(name).finally(() => this.#running.delete(name));
  }

  watch(name: string, after: number, listener: (event: PullEvent) => void): () => void {
    const latest = this.#latest.get(name);
    if (latest !== undefined && latest.sequence > after) listener(latest);
    return this.#listeners.add(name, listener);
  }

  async #pull(name: string): Promise<void> {
    try {
      const network = await this.#supervisor.call("pull", name, (news) => {
        if (isNews(news)) this.#emit(name, { type: "progress", receivedBytes: news.received, totalBytes: news.total });
      });
      if (!isOf(NetworkSchema, network)) throw new ImpastoError("internal", "The engine gave a strange answer.");
      this.#emit(name, { type: "done", network });
    } catch (error) {
      const known = error instanceof ImpastoError ? error : new ImpastoError("internal", String(error));
      this.#emit(name, { type: "failed", error: known.toBody() });
    }
  }

  #emit(name: string, event: DistributiveOmit<PullEvent, "sequence" | "time">): void {
    const complete: PullEvent = { ...event, sequence: this.#nextSequence(), time: Date.now() };
    this.#latest.set(name, complete);
    this.#listeners.emit(name, complete);
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function isNews(value: unknown): value is { received: number; total: number } {
  if (typeof value !== "object" || value === null) return false;
  const { received, total } = value as Record<string, unknown>;
  return Number.isSafeInteger(received) && Number.isSafeInteger(total);
}
