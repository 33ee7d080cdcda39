// An engine that sleeps for as long as a frame would take, then hands over a small picture of its own: for measuring
// everything but the painting.

import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { mapPictures } from "../../../companion/protocol/request.ts";
import { temporaryPath } from "../../../companion/storage/durable-file.ts";
import type { PictureFile, RunOrder } from "../../../companion/supervisor/messages.ts";
import type { EngineSupervisor, RunHandlers } from "../../../companion/supervisor/supervisor.ts";
import { tinyResult } from "./tiny-result.ts";

export class SleepingEngine implements EngineSupervisor {
  readonly pid = undefined;
  readonly #sleepMs: number;
  #active: { order: RunOrder; handlers: RunHandlers; clock: NodeJS.Timeout } | null = null;

  constructor(sleepMs: number) {
    this.#sleepMs = sleepMs;
  }

  get busy(): boolean {
    return this.#active !== null;
  }

  run(order: RunOrder, handlers: RunHandlers): void {
    this.#active = { order, handlers, clock: setTimeout(() => this.#finish(), this.#sleepMs) };
  }

  expect(): void {}
  update(): void {}
  stop(): void {}
  pause = (): void => this.#release();
  cancel = (): void => this.#release();
  call = (): Promise<unknown> => Promise.reject(new ImpastoError("engine-crashed", "There is no child."));
  live = (): Promise<unknown> => this.call();
  examineModel = this.live;
  close = async (): Promise<void> => this.#release();

  #release(): void {
    if (this.#active === null) return;
    const { order, handlers, clock } = this.#active;
    clearTimeout(clock);
    this.#active = null;
    handlers.settled({ type: "released", job: order.job, attempt: order.attempt });
  }

  #finish(): void {
    if (this.#active === null) return;
    const { order, handlers } = this.#active;
    this.#active = null;
    const { job, attempt, changes, temporaryFolder } = order;
    const request = mapPictures(order.request, ({ ref }: PictureFile) => ref);
    const { bytes, finished } = tinyResult(randomBytes(12), { request, changes });
    const path = temporaryPath(temporaryFolder);
    writeFileSync(path, bytes);
    handlers.settled({ ...finished, type: "finished", job, attempt, path, seconds: this.#sleepMs / 1000 });
  }
}
