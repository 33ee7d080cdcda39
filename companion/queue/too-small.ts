// Workers that had too little memory for a job: it is left to another one that may have more, and fails in the end
// where it was too much for each of them.

export class TooSmall {
  /** Workers that tried, by job. */
  readonly #tried = new Map<string, Set<string>>();

  failed(job: string, worker: string): void {
    this.#tried.set(job, (this.#tried.get(job) ?? new Set()).add(worker));
  }

  /** Whether this worker is to leave the job to another one. `others`: all that could do it. */
  leaves(job: string, worker: string, others: () => readonly string[]): boolean {
    const tried = this.#tried.get(job);
    return tried?.has(worker) === true && others().some((other) => !tried.has(other));
  }

  /** The job is over. */
  forget(job: string): void {
    this.#tried.delete(job);
  }
}
