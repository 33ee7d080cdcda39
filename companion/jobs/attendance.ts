// The clocks of jobs that nobody watches: pause after a while, cancel after a long while.

import { CLIENT_GONE_CANCEL_MS, CLIENT_GONE_PAUSE_MS } from "../protocol/limits.ts";

export interface AttendanceOptions {
  onPause: (id: string) => void;
  onCancel: (id: string) => void;
  pauseMs?: number;
  cancelMs?: number;
}

export class Attendance {
  readonly #options: Required<AttendanceOptions>;
  readonly #clocks = new Map<string, NodeJS.Timeout[]>();

  constructor(options: AttendanceOptions) {
    this.#options = { pauseMs: CLIENT_GONE_PAUSE_MS, cancelMs: CLIENT_GONE_CANCEL_MS, ...options };
  }

  /** Starts the job's clocks, if they do not run already. */
  gone(id: string): void {
    if (this.#clocks.has(id)) return;
    const { onPause, onCancel, pauseMs, cancelMs } = this.#options;
    const clocks = [
      setTimeout(() => onPause(id), pauseMs),
      setTimeout(() => {
        this.#clocks.delete(id);
        onCancel(id);
      }, cancelMs),
    ];
    for (const clock of clocks) clock.unref();
    this.#clocks.set(id, clocks);
  }

  /** Stops them. */
  back(id: string): void {
    for (const clock of this.#clocks.get(id) ?? []) clearTimeout(clock);
    this.#clocks.delete(id);
  }

  close(): void {
    for (const id of [...this.#clocks.keys()]) this.back(id);
  }
}
