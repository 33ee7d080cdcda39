// An engine whose every outcome the test decides, at the moment the test decides: finish, die, fail, release.

import { writeFileSync } from "node:fs";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { Progress } from "../../../companion/protocol/progress.ts";
import type { SettingsChange } from "../../../companion/protocol/recipe.ts";
import { mapPictures } from "../../../companion/protocol/request.ts";
import { temporaryPath } from "../../../companion/storage/durable-file.ts";
import type { PictureFile, RunOrder } from "../../../companion/supervisor/messages.ts";
import type { EngineSupervisor, RunHandlers, RunOutcome } from "../../../companion/supervisor/supervisor.ts";
import { sha256 } from "./pictures.ts";
import { tinyResult } from "./tiny-result.ts";

export class ScriptedEngine implements EngineSupervisor {
  readonly pid = undefined;
  active: { order: RunOrder; handlers: RunHandlers } | null = null;
  /** What the active run was told, in order. */
  told: ("pause" | "stop" | "cancel" | "update")[] = [];
  /** Results that were handed over, by job. */
  readonly handedOver = new Map<string, string[]>();
  #results = 0;
  #iteration = 0;

  get busy(): boolean {
    return this.active !== null;
  }

  run(order: RunOrder, handlers: RunHandlers): void {
    if (this.active !== null) throw new Error("The engine was given two runs at once.");
    this.active = { order, handlers };
    this.told = [];
    this.#iteration = 0;
  }

  expect(): void {}

  update = (job: string, change: SettingsChange): void => {
    if (this.active?.order.job === job) this.active.order.changes.push(change);
    this.#tell(job, "update");
  };
  /** The job in work. */
  get job(): string | undefined {
    return this.active?.order.job;
  }

  pause = (job: string): void => this.#tell(job, "pause");
  stop = (job: string): void => this.#tell(job, "stop");
  cancel = (job: string): void => this.#tell(job, "cancel");

  call(): Promise<unknown> {
    return Promise.reject(new ImpastoError("engine-crashed", "There is no child."));
  }

  examineModel(): Promise<unknown> {
    return this.call();
  }

  live(): Promise<unknown> {
    return this.call();
  }

  async close(): Promise<void> {
    this.release();
  }

  progress(): void {
    this.#iteration += 1;
    this.active?.handlers.progress(this.#progressNow());
  }

  checkpoint(): void {
    if (this.active === null) return;
    writeFileSync(this.active.order.checkpointPath, "a checkpoint");
    this.active.handlers.checkpoint(this.#progressNow());
  }

  finish(): void {
    const { active } = this;
    if (active === null) return;
    const { order } = active;
    const { job, attempt, changes } = order;
    const request = mapPictures(order.request, ({ ref }: PictureFile) => ref);
    const colors = Buffer.from(sha256(Buffer.from(`result ${++this.#results} of ${job}`)), "hex");
    const recipe = {
      iterations: this.#iteration,
      stopped: this.told.includes("stop") || order.stop,
      resumed: order.resumeFrom !== undefined,
    };
    const { bytes, finished } = tinyResult(colors, { request, changes }, recipe);
    const path = temporaryPath(order.temporaryFolder);
    writeFileSync(path, bytes);
    this.handedOver.set(job, [...(this.handedOver.get(job) ?? []), finished.sha256]);
    this.#settle({ ...finished, type: "finished", job, attempt, path });
  }

  release(): void {
    if (this.active === null) return;
    const { job, attempt } = this.active.order;
    this.#settle({ type: "released", job, attempt });
  }

  die(): void {
    this.#settle({ type: "died", reason: "SIGSEGV" });
  }

  fail(code: "gpu-lost" | "bad-picture" | "disk-full" | "out-of-memory"): void {
    this.#settle({ type: "failed", error: new ImpastoError(code, "It failed.") });
  }

  #tell(job: string, what: ScriptedEngine["told"][number]): void {
    if (this.job === job) this.told.push(what);
  }

  #settle(outcome: RunOutcome): void {
    const { active } = this;
    this.active = null;
    active?.handlers.settled(outcome);
  }

  #progressNow(): Progress {
    const iteration = this.#iteration;
    return {
      phase: "optimize",
      fraction: Math.min(1, iteration / 100),
      scale: 1,
      scaleIndex: 0,
      scaleCount: 1,
      width: 1,
      height: 1,
      iteration,
      iterations: 100,
      totalIteration: iteration,
      totalIterations: 100,
      losses: { content: 0, style: 0, tv: 0, total: 0, contentLayers: {}, styleLayers: {} },
      secondsElapsed: 0,
      secondsLeft: 0,
      device: "cpu",
    };
  }
}
