// Which workers are there, by what they say of themselves. Kept in memory alone: after a restart each says it again.

import { ImpastoError } from "../protocol/errors.ts";
import { PROTOCOL_VERSION } from "../protocol/ports.ts";
import { type Beat, SILENT_MS, type WorkerInfo } from "../protocol/work.ts";

/** One that was silent for so long is shown no more. */
const FORGOTTEN_MS = 600_000;

interface Known extends Beat {
  refused: ImpastoError | null;
  heardAt: number;
}

export class WorkerList {
  readonly #known = new Map<string, Known>();
  readonly #version: string;
  readonly #now: () => number;

  /** `version`: the companion's own. */
  constructor(version: string, now: () => number) {
    this.#version = version;
    this.#now = now;
  }

  /** Why it gets no jobs, or null. */
  heard(beat: Beat): ImpastoError | null {
    const refused = refusalOf(beat, this.#version);
    this.#known.set(beat.worker, { ...beat, refused, heardAt: this.#now() });
    return refused;
  }

  /** Name of one that may take jobs. Throws ImpastoError("conflict") for one that did not say who it is. */
  admitted(worker: string): string {
    const known = this.#known.get(worker);
    if (known === undefined) throw new ImpastoError("conflict", "Say first who you are.");
    if (known.refused !== null) throw known.refused;
    return known.name;
  }

  isSilent(worker: string): boolean {
    const known = this.#known.get(worker);
    return known === undefined || this.#now() - known.heardAt > SILENT_MS;
  }

  slots(): number {
    return [...this.#known.values()]
      .filter(({ worker, refused }) => refused === null && !this.isSilent(worker))
      .reduce((sum, { slots }) => sum + slots, 0);
  }

  list(): WorkerInfo[] {
    for (const [id, { heardAt }] of this.#known) if (this.#now() - heardAt > FORGOTTEN_MS) this.#known.delete(id);
    return [...this.#known.values()].map(({ name, version, slots, devices, held, refused, heardAt }) => ({
      name,
      version,
      slots,
      devices,
      jobs: held.map(({ job }) => job),
      refused: refused?.message ?? null,
      silentMs: Math.max(0, this.#now() - heardAt),
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
