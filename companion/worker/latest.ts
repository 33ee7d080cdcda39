// Things that come faster than they can be passed on: one at a time is, and of those that wait only the latest.

export class Latest<T> {
  readonly #pass: (thing: T) => Promise<void>;
  readonly #restMs: number;
  #waiting: { thing: T } | null = null;
  #passing: Promise<void> | null = null;

  /** `pass` never rejects; at most once every `restMs`. */
  constructor(pass: (thing: T) => Promise<void>, restMs = 0) {
    this.#pass = pass;
    this.#restMs = restMs;
  }

  /** Returns the one that it takes the place of. */
  put(thing: T): T | null {
    const replaced = this.#waiting?.thing ?? null;
    this.#waiting = { thing };
    this.#passing ??= this.#passAll().finally(() => {
      this.#passing = null;
    });
    return replaced;
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    await this.#passing;
  }

  async #passAll(): Promise<void> {
    while (this.#waiting !== null) {
      const { thing } = this.#waiting;
      this.#waiting = null;
      await this.#pass(thing);
      if (this.#restMs > 0) await new Promise((resolve) => setTimeout(resolve, this.#restMs));
    }
  }
}
