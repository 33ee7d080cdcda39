// Turns of batches that share the queue: each next frame of a batch comes one turn after the one before it, and a batch
// that was not there begins at the turn that is on now (start-time fair queueing, Goyal, Vin and Cheng 1996, with frames
// of one weight).

/** BullMQ's largest priority. So many frames without a break later it is first come first again. */
const LAST_TURN = 2_097_151;

export class Turns {
  /** Of the frame that was taken last. */
  #now = 0;
  readonly #last = new Map<string, number>();

  /** Nothing waits: the count begins anew. */
  begin(): void {
    this.#now = 0;
    this.#last.clear();
  }

  /** Of the next frame of this batch, from 1. */
  next(batch: string): number {
    const turn = Math.min(LAST_TURN, Math.max(this.#now, this.#last.get(batch) ?? 0) + 1);
    this.#last.set(batch, turn);
    return turn;
  }

  taken(turn: number): void {
    this.#now = Math.max(this.#now, turn);
  }
}
