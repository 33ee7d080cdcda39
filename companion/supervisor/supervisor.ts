// Keeps one engine child: starts it when there is work, watches its heartbeat, replaces it when it dies or hangs,
// and lets it go when nothing was asked of it for a while. What it had in hand is told as "died"; whether that is
// tried again is not decided here.

import { ImpastoError } from "../protocol/errors.ts";
import type { Progress } from "../protocol/progress.ts";
import type { SettingsChange } from "../protocol/recipe.ts";
import type { RequestOf } from "../protocol/request.ts";
import type { ModelToExamine } from "./child-engine.ts";
import { type CallArgument, type CallOptions, EngineCalls } from "./engine-calls.ts";
import { crashed, givenUp, inWork, isDeviceError, notStarted } from "./engine-errors.ts";
import { EngineProcess } from "./engine-process.ts";
import { type MemoryBudget, overBudget } from "./memory-budget.ts";
import type {
  AnswerMessage,
  CallName,
  Finished,
  FromChild,
  PictureFile,
  Released,
  RunMessage,
  RunOrder,
  ToChild,
} from "./messages.ts";
import { StallWatch } from "./stall-watch.ts";

export type RunOutcome =
  | Finished
  | Released
  | { type: "failed"; error: ImpastoError }
  | { type: "died"; reason: string };

export interface RunHandlers {
  progress(progress: Progress): void;
  preview(preview: { path: string; width: number; height: number }): void;
  checkpoint(progress: Progress): void;
  /** The engine is free for another run, unless it is busy(); this one settles later. */
  painted?(): void;
  /** Called once, last. */
  settled(outcome: RunOutcome): void;
}

export interface SupervisorOptions {
  /** The child's module. */
  childPath: string;
  /** Tells of starts and deaths, for the log. */
  onEvent?: (event: { event: "child-started" | "child-ended"; pid: number | undefined; reason?: string }) => void;
  /** A child that says nothing for so long is killed. */
  silenceMs?: number;
  /** A child that nobody asked anything for so long is let go. */
  idleMs?: number;
  /** A run without progress for so many beats of its child, and more where its steps are long, is taken to stand still. */
  stallBeats?: number;
  /** After a cancelled run has not been given up for so long, the child is killed. */
  cancelMs?: number;
  /** Waits before the start after the 1st, 2nd … death in a row. */
  backoffMs?: readonly number[];
}

/** What the runner and the service need of a supervisor. */
export type EngineSupervisor = Pick<
  Supervisor,
  | "busy"
  | "pid"
  | "run"
  | "expect"
  | "update"
  | "pause"
  | "stop"
  | "cancel"
  | "call"
  | "live"
  | "examineModel"
  | "close"
>;

interface Active {
  order: RunOrder;
  handlers: RunHandlers;
  sent: boolean;
  /** Known once the run has begun. */
  budget: MemoryBudget | null;
  /** While progress is to be expected. */
  watch: StallWatch | null;
}

const DEFAULTS = {
  silenceMs: 10_000,
  idleMs: 300_000,
  stallBeats: 120,
  cancelMs: 1_000,
  backoffMs: [250, 1_000, 4_000, 15_000],
};
/** A child that lived so long had a good start: the next death counts as the first. */
const SETTLED_MS = 60_000;
/** At the end: so long for a last checkpoint. */
const CLOSE_MS = 3_000;
/** Results in memory that wait for the disk; painting does not run away from it. */
const MOST_ENDING = 2;

export class Supervisor {
  readonly #options: Required<Omit<SupervisorOptions, "onEvent">> & Pick<SupervisorOptions, "onEvent">;
  readonly #calls: EngineCalls;
  #child: EngineProcess | null = null;
  #active: Active | null = null;
  /** Painted, and on their way to the disk. */
  readonly #ending = new Set<Active>();
  #deathsInRow = 0;
  #closed = false;
  #restart: NodeJS.Timeout | null = null;
  #idle: NodeJS.Timeout | null = null;
  #killCancelled: NodeJS.Timeout | null = null;

  constructor(options: SupervisorOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#calls = new EngineCalls({
      send: (message) => this.#send(message),
      withdrawMs: this.#options.cancelMs,
      onStubborn: () => this.#child?.kill("did not give up a call"),
    });
  }

  get busy(): boolean {
    return this.#active !== null || this.#ending.size >= MOST_ENDING;
  }

  /** Of the living child, for doctor and tests. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Hands over one attempt; one at a time. `settled` is called in every case, never before this returns. */
  run(order: RunOrder, handlers: RunHandlers): void {
    if (this.busy || this.#closed) throw new ImpastoError("busy", "The engine is busy.");
    this.#active = { order, handlers, sent: false, budget: null, watch: null };
    this.#calls.withdrawLive(inWork());
    this.#wake();
  }

  /** This content is likely to be the next run's: a child that is there decodes it meanwhile. */
  expect({ picture, maxSide }: { picture: PictureFile; maxSide: number }): void {
    if (this.#child?.ready) this.#send({ type: "expect", picture, maxSide });
  }

  update(job: string, change: SettingsChange): void {
    const active = this.#of(job);
    if (active?.sent) this.#send({ type: "update", job, change });
    else active?.order.changes.push(change);
  }

  /** The run ends as "released" after a checkpoint, or as finished or failed if it was faster. */
  pause(job: string): void {
    const active = this.#of(job);
    if (active?.sent) this.#send({ type: "pause", job });
    else if (active !== null) this.#release(active);
  }

  /** The run ends as finished, with the best picture so far. */
  stop(job: string): void {
    const active = this.#of(job);
    if (active?.sent) this.#send({ type: "stop", job });
    else if (active !== null) active.order.stop = true;
  }

  /** The run ends as "released"; a child that does not give it up soon is killed, and it ends as "died". */
  cancel(job: string): void {
    const active = this.#of(job);
    if (active === null) return;
    if (!active.sent) {
      this.#release(active);
      return;
    }
    this.#send({ type: "cancel", job });
    this.#killCancelled ??= setTimeout(
      () => this.#child?.kill("did not give up a cancelled job"),
      this.#options.cancelMs,
    );
  }

  /** Asks the child; throws ImpastoError: what it answered, or "engine-crashed". */
  call(name: "plan" | "live", argument: RequestOf<PictureFile>): Promise<unknown>;
  call(name: "convert", argument: PictureFile): Promise<unknown>;
  call(name: "shrink", argument: string): Promise<unknown>;
  call(name: "pull", argument: string, news: (value: unknown) => void): Promise<unknown>;
  call(name: "examineModel", argument: ModelToExamine): Promise<unknown>;
  call(name: "devices" | "networks" | "facts"): Promise<unknown>;
  call(name: CallName, argument: CallArgument = null, news?: (value: unknown) => void): Promise<unknown> {
    return this.#ask(name, argument, news === undefined ? {} : { news });
  }

  /** The bytes of a live picture. Runs come first: "busy" while there is one and when one begins; "cancelled". */
  live(request: RequestOf<PictureFile>, signal: AbortSignal): Promise<unknown> {
    if (this.#active !== null) return Promise.reject(inWork());
    return this.#ask("live", request, { signal });
  }

  /** Beside runs; "cancelled" once the signal aborts. */
  examineModel(model: ModelToExamine, signal: AbortSignal): Promise<unknown> {
    return this.#ask("examineModel", model, { signal });
  }

  #ask(name: CallName, argument: CallArgument, options: CallOptions): Promise<unknown> {
    if (options.signal?.aborted) return Promise.reject(givenUp());
    if (this.#closed) return Promise.reject(new ImpastoError("busy", "Impasto is shutting down."));
    const answer = this.#calls.ask(name, argument, options);
    this.#wake();
    return answer;
  }

  /** Lets the run in work make a checkpoint, then ends the child. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    const child = this.#child;
    if (this.#active !== null) {
      this.pause(this.#active.order.job);
    }
    await until(() => this.#active === null && this.#ending.size === 0, CLOSE_MS);
    if (child !== null) {
      child.disconnect();
      await until(() => this.#child === null, 500);
      // For one that cannot hear.
      child.kill("closing");
      await until(() => this.#child === null, CLOSE_MS);
    }
    this.#stopTimers();
  }

  #of(job: string): Active | null {
    return this.#active?.order.job === job ? this.#active : null;
  }

  #release(active: Active): void {
    const { job, attempt } = active.order;
    this.#settle(active, { type: "released", job, attempt });
  }

  #send(message: ToChild): void {
    this.#child?.send(message);
  }

  #wake(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    if (this.#child === null) this.#start();
    else if (this.#child.ready) this.#handOver();
  }

  #start(): void {
    if (this.#restart !== null || this.#closed) return;
    const { backoffMs } = this.#options;
    const wait = this.#deathsInRow === 0 ? 0 : (backoffMs[Math.min(this.#deathsInRow, backoffMs.length) - 1] ?? 0);
    this.#restart = setTimeout(() => {
      this.#restart = null;
      this.#spawn();
    }, wait);
  }

  #spawn(): void {
    const { childPath, silenceMs, onEvent } = this.#options;
    try {
      this.#child = new EngineProcess({
        childPath,
        silenceMs,
        onMessage: (message) => this.#hear(message),
        onEnd: (reason) => this.#ended(reason),
      });
    } catch (error) {
      this.#ended(notStarted(String(error)));
      return;
    }
    onEvent?.({ event: "child-started", pid: this.#child.pid });
  }

  #handOver(): void {
    this.#calls.sendAll();
    // A live picture that is being given up would make a run wait inside the child, where nobody watches over that.
    if (this.#active !== null && !this.#active.sent && !this.#calls.live) {
      this.#active.sent = true;
      this.#send({ type: "run", order: this.#active.order });
    }
    this.#rest();
  }

  #rest(): void {
    if (this.#active !== null || this.#ending.size > 0 || this.#calls.waiting || this.#child === null) return;
    if (this.#idle !== null) clearTimeout(this.#idle);
    // It has nothing to lose, and must be gone before the next one asks for something.
    this.#idle = setTimeout(() => this.#child?.kill("idle"), this.#options.idleMs);
    this.#idle.unref();
  }

  #hear(message: FromChild): void {
    switch (message.type) {
      case "beat":
        this.#watchMemory(message.residentBytes);
        this.#watchProgress();
        break;
      case "ready":
        this.#handOver();
        break;
      case "answer":
      case "news":
      case "refused":
        this.#hearAnswer(message);
        break;
      default:
        this.#hearRun(message);
    }
  }

  #hearAnswer(message: AnswerMessage): void {
    const answered = this.#calls.hear(message);
    if (answered === null) return;
    if (answered.error !== null && isDeviceError(answered.error)) this.#child?.kill("device error");
    else this.#handOver();
  }

  #hearRun(message: RunMessage): void {
    const isAbout = ({ order }: Active) => message.job === order.job && message.attempt === order.attempt;
    const active = [this.#active, ...this.#ending].find((one) => one !== null && isAbout(one)) ?? null;
    if (active === null) return;
    switch (message.type) {
      case "budget":
        active.budget = message.budget;
        break;
      case "pace": {
        const { stepSeconds } = message;
        active.watch = stepSeconds === null ? null : new StallWatch(stepSeconds, this.#options.stallBeats);
        break;
      }
      case "progress":
        active.watch?.progressed();
        active.handlers.progress(message.progress);
        break;
      case "preview":
        active.handlers.preview(message);
        break;
      case "checkpoint":
        active.handlers.checkpoint(message.progress);
        break;
      case "painted":
        this.#letEnd(active);
        break;
      case "finished":
        this.#deathsInRow = 0;
        this.#settle(active, message);
        break;
      case "released":
        this.#settle(active, message);
        break;
      case "failed":
        this.#settle(active, { type: "failed", error: ImpastoError.fromBody(message.error) });
    }
  }

  #watchMemory(residentBytes: number): void {
    const budget = this.#active?.budget ?? null;
    const error = budget === null ? null : overBudget(budget, residentBytes);
    if (this.#active === null || error === null) return;
    this.#settle(this.#active, { type: "failed", error });
    this.#child?.kill(`too much memory: ${error.cause}`);
  }

  #watchProgress(): void {
    const reason = this.#active?.watch?.beat() ?? null;
    if (reason !== null) this.#child?.kill(reason);
  }

  /** The engine is free; what is left of this run is its result's way to the disk. */
  #letEnd(active: Active): void {
    if (active !== this.#active) return;
    this.#leaveEngine();
    this.#ending.add(active);
    active.handlers.painted?.();
  }

  #leaveEngine(): void {
    this.#active = null;
    if (this.#killCancelled !== null) clearTimeout(this.#killCancelled);
    this.#killCancelled = null;
  }

  #settle(active: Active, outcome: RunOutcome): void {
    if (active === this.#active) this.#leaveEngine();
    else if (!this.#ending.delete(active)) return;
    // After a device error nothing in that process can be trusted: the next run gets a new one.
    if (outcome.type === "failed" && isDeviceError(outcome.error)) this.#child?.kill("device error");
    active.handlers.settled(outcome);
    this.#rest();
  }

  /** `reason`: of the child that there was, or of why there is none. */
  #ended(reason: string): void {
    const child = this.#child;
    this.#child = null;
    const cancelling = this.#killCancelled !== null;
    this.#stopTimers();
    this.#options.onEvent?.({ event: "child-ended", pid: child?.pid, reason });
    const inHand = [...this.#ending, ...(this.#active === null ? [] : [this.#active])];
    const wanted = (inHand.length > 0 || this.#calls.waiting) && !cancelling;
    const early = child === null || child.ageMs < SETTLED_MS;
    this.#deathsInRow = !wanted ? 0 : early ? this.#deathsInRow + 1 : 1;
    this.#calls.end(crashed(reason));
    for (const active of inHand) this.#settle(active, { type: "died", reason });
    if (this.#active !== null || this.#calls.waiting) this.#start();
  }

  #stopTimers(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    if (this.#killCancelled !== null) clearTimeout(this.#killCancelled);
    this.#calls.stopTimer();
    this.#idle = null;
    this.#killCancelled = null;
  }
}

async function until(condition: () => boolean, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!condition() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
}
