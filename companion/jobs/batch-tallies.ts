// What batches have come to. Panels and command lines ask several times a second while thousands of frames are painted,
// so only the frames that changed since the last time are read from the ledger again.

import type { Ledger } from "../ledger/ledger.ts";
import { FRAME_STATES, type FrameState } from "../protocol/job-states.ts";

export interface Sum {
  counts: Record<FrameState, number>;
  /** Mean of the finished frames, or null before the first. */
  secondsPerFrame: number | null;
}

interface Tally {
  /** Of each frame: its state's place in FRAME_STATES, and how long it took or NaN. */
  states: Uint8Array;
  seconds: Float64Array;
  /** Frames that changed since. */
  stale: Set<number>;
  /** Null when it is to be made anew. */
  sum: Sum | null;
}

/** Batches, 18 kB for the largest. */
const KEPT = 500;

export class BatchTallies {
  readonly #ledger: Ledger;
  readonly #kept = new Map<string, Tally>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** After the transaction that changed these frames. */
  changed(id: string, frames: readonly number[]): void {
    const tally = this.#kept.get(id);
    if (tally === undefined) return;
    for (const frame of frames) tally.stale.add(frame);
  }

  forget(id: string): void {
    this.#kept.delete(id);
  }

  of(id: string): Sum {
    const tally = this.#kept.get(id) ?? this.#begin(id);
    if (tally.stale.size > 0) this.#read(id, tally, [...tally.stale]);
    tally.sum ??= sumOf(tally);
    return tally.sum;
  }

  #begin(id: string): Tally {
    const count = this.#ledger.batches.countFrames(id);
    const seconds = new Float64Array(count).fill(Number.NaN);
    const tally: Tally = { states: new Uint8Array(count), seconds, stale: new Set(), sum: null };
    this.#read(id, tally);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= KEPT && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(id, tally);
    return tally;
  }

  #read(id: string, tally: Tally, frames?: readonly number[]): void {
    for (const { frame, state, seconds } of this.#ledger.batches.courses(id, frames)) {
      tally.states[frame] = FRAME_STATES.indexOf(state);
      tally.seconds[frame] = seconds ?? Number.NaN;
    }
    tally.stale.clear();
    tally.sum = null;
  }
}

function sumOf({ states, seconds }: Tally): Sum {
  const byState = FRAME_STATES.map(() => 0);
  for (const state of states) byState[state] = (byState[state] ?? 0) + 1;
  const counts = Object.fromEntries(FRAME_STATES.map((state, index) => [state, byState[index]])) as Sum["counts"];
  const finished = seconds.filter((each) => !Number.isNaN(each));
  const total = finished.reduce((sum, each) => sum + each, 0);
  return { counts, secondsPerFrame: finished.length === 0 ? null : total / finished.length };
}
