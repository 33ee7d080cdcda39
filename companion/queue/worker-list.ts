// Which workers are there, by what they say of themselves. Kept in memory alone: after a restart each says it again.

import { ImpastoError } from "../protocol/errors.ts";
import { PROTOCOL_VERSION } from "../protocol/ports.ts";
import type { Beat, WorkerInfo } from "../protocol/work.ts";
import type { RareDevice } from "./queue-names.ts";

/** One that was silent for so long is shown no more, and not waited for. */
const FORGOTTEN_MS = 600_000;

const RESTS =
  "It could not write to its disk, as it says itself in its terminal and log; it tries again every half minute.";

interface Known extends Beat {
  refused: ImpastoError | null;
  heardAt: number;
  /** When it was given a job, by job and attempt: its next beat may have been on its way already. */
  given: Map<string, number>;
}

export class WorkerList {
  readonly #known = new Map<string, Known>();
  readonly #version: string;
  readonly #silentMs: number;
  readonly #now: () => number;
  readonly #startedAt: number;

  /** `version`: the companion's own. */
  constructor(version: string, silentMs: number, now: () => number) {
    this.#version = version;
    this.#silentMs = silentMs;
    this.#now = now;
    this.#startedAt = now();
  }

  /** Why it gets no jobs, or null. */
  heard(beat: Beat): ImpastoError | null {
    const refused = refusalOf(beat, this.#version);
    const heardAt = this.#now();
    const given = new Map([...(this.#known.get(beat.worker)?.given ?? [])].filter(([, at]) => this.#isFresh(at)));
    this.#known.set(beat.worker, { ...beat, refused, heardAt, given });
    return refused;
  }

  /** Name of one that may take jobs. Throws ImpastoError("conflict") for one that did not say who it is. */
  admitted(worker: string): string {
    const known = this.#known.get(worker);
    if (known === undefined) throw new ImpastoError("conflict", "Say first who you are.");
    if (known.refused !== null) throw known.refused;
    return known.name;
  }

  /** Asking for a job is a sign of life as well. */
  gave(worker: string, job: string, attempt: number): void {
    const known = this.#known.get(worker);
    if (known === undefined) return;
    known.heardAt = this.#now();
    known.given.set(`${job} ${attempt}`, known.heardAt);
  }

  /** It is there and has that attempt in work, as far as is known: one that was not heard of yet may have it. */
  holds(worker: string, job: string, attempt: number): boolean {
    if (this.isSilent(worker)) return false;
    const known = this.#known.get(worker);
    if (known === undefined) return true;
    const givenAt = known.given.get(`${job} ${attempt}`);
    if (givenAt !== undefined && this.#isFresh(givenAt)) return true;
    return known.held.some((held) => held.job === job && held.attempt === attempt);
  }

  /** One of the time before this companion began gets as long to be heard of again. */
  isSilent(worker: string): boolean {
    const heardAt = this.#known.get(worker)?.heardAt ?? this.#startedAt;
    return !this.#isFresh(heardAt);
  }

  #isFresh(at: number): boolean {
    return this.#now() - at <= this.#silentMs;
  }

  slots(): number {
    return this.#atWork().reduce((sum, { slots }) => sum + slots, 0);
  }

  /** Those that may take a job which asks for this. */
  idsAtWork(device: RareDevice | null): string[] {
    const able = this.#atWork().filter(({ kinds }) => device === null || kinds?.includes(device));
    return able.map(({ worker }) => worker);
  }

  /** Others work, and none of those that were there lately has it: nobody is to be waited for. */
  lacks(device: RareDevice | null): boolean {
    if (device === null) return false;
    const has = [...this.#known.values()].some(
      ({ kinds, refused, heardAt }) =>
        kinds?.includes(device) && refused === null && this.#now() - heardAt <= FORGOTTEN_MS,
    );
    // Those of the time before this companion began have had time to be heard of.
    return !has && !this.#isFresh(this.#startedAt) && this.#atWork().length > 0;
  }

  #atWork(): Known[] {
    return [...this.#known.values()].filter(({ worker, refused }) => refused === null && !this.isSilent(worker));
  }

  /** `jobsOf`: what each has in work, as the ledger knows it. */
  list(jobsOf: ReadonlyMap<string, string[]>): WorkerInfo[] {
    for (const [id, { heardAt }] of this.#known) if (this.#now() - heardAt > FORGOTTEN_MS) this.#known.delete(id);
    return [...this.#known.values()].map(({ worker, name, version, slots, devices, refused, rests, heardAt }) => ({
      name,
      version,
      slots,
      devices,
      jobs: jobsOf.get(worker) ?? [],
      refused: refused?.message ?? (rests ? RESTS : null),
      silentMs: Math.max(0, Math.round(this.#now() - heardAt)),
    }));
  }
}

function refusalOf({ version, protocol }: Beat, own: string): ImpastoError | null {
  if (protocol === PROTOCOL_VERSION && !isOlder(version, own)) return null;
  const isNewer = protocol > PROTOCOL_VERSION;
  return new ImpastoError(
    "version-mismatch",
    isNewer
      ? `This worker is Impasto ${version}, newer than the companion, which is ${own}.`
      : `This worker is Impasto ${version}, older than the companion, which is ${own}.`,
    { hint: `Update the ${isNewer ? "companion" : "worker"}; until then the worker gets no jobs.` },
  );
}

/** By major, minor and patch; what is no version is older than any. */
export function isOlder(version: string, than: string): boolean {
  const parts = (text: string) => /^(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number) ?? [-1, -1, -1];
  const [a, b] = [parts(version), parts(than)];
  const first = a.findIndex((part, index) => part !== b[index]);
  return first >= 0 && (a[first] ?? 0) < (b[first] ?? 0);
}
