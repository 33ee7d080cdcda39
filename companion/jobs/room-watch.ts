// Jobs that stopped for want of room on the disk go on when there is some.

import type { Ledger } from "../ledger/ledger.ts";
import type { PictureStore } from "./picture-store.ts";
import type { Transitions } from "./transitions.ts";

const CHECK_MS = 30_000;
const ROOM_BYTES = 64 * 1024 * 1024;

export class RoomWatch {
  readonly #ledger: Ledger;
  readonly #transitions: Transitions;
  readonly #pictures: PictureStore;
  readonly #wake: () => void;
  #clock: NodeJS.Timeout | null = null;
  #closed = false;

  /** `wake`: some of them may go on now. */
  constructor(parts: { ledger: Ledger; transitions: Transitions; pictures: PictureStore; wake: () => void }) {
    this.#ledger = parts.ledger;
    this.#transitions = parts.transitions;
    this.#pictures = parts.pictures;
    this.#wake = parts.wake;
  }

  /** Until none waits. */
  start(): void {
    if (this.#closed) return;
    this.#clock ??= setInterval(() => void this.#check().catch(() => undefined), CHECK_MS).unref();
  }

  close(): void {
    this.#closed = true;
    this.#stop();
  }

  async #check(): Promise<void> {
    const waiting = this.#ledger.jobs.inState("paused").filter(({ pauseReason }) => pauseReason === "disk-full");
    if (waiting.length > 0 && !(await this.#pictures.space.hasRoom(ROOM_BYTES))) return;
    if (this.#closed) return;
    for (const { id } of waiting) this.#transitions.resume(id);
    this.#stop();
    this.#wake();
  }

  #stop(): void {
    if (this.#clock !== null) clearInterval(this.#clock);
    this.#clock = null;
  }
}
