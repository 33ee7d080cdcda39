// Tells a run that stands still from one that is slow: the child answers, but a call into a driver or a pool of threads
// never returns. Counted in the child's beats, not by a clock: a machine that sleeps, and a child that is stopped, beat
// for nobody. How long is too long is the run's own affair: what its plan says of its largest step, and the longest
// silence that it has come out of so far.

/** So many times as long as anything that was planned or seen (empirical: another program may take the processor). */
const TOLERANCE = 10;
/** How the reason begins. */
const STOOD_STILL = "it stood still";

export class StallWatch {
  readonly #leastBeats: number;
  readonly #stepSeconds: number;
  /** Since the last progress. */
  #beats = 0;
  #longestBeats = 0;

  /** `leastBeats`: for what no plan knows, as graphs that are built and shaders that are compiled. */
  constructor(stepSeconds: number, leastBeats: number) {
    this.#stepSeconds = stepSeconds;
    this.#leastBeats = leastBeats;
  }

  progressed(): void {
    // The first beat of a silence may come right after it begins.
    this.#longestBeats = Math.max(this.#longestBeats, this.#beats - 1);
    this.#beats = 0;
  }

  /** The reason to end the child, one of stoodStill(); null while the run may only be slow. */
  beat(): string | null {
    this.#beats += 1;
    const most = this.#leastBeats + TOLERANCE * (this.#stepSeconds + this.#longestBeats);
    return this.#beats > most ? `${STOOD_STILL}: no progress in ${this.#beats} s, ${most.toFixed(0)} allowed` : null;
  }
}

export function stoodStill(reason: string): boolean {
  return reason.startsWith(STOOD_STILL);
}
