// Keeps one engine child: starts it when there is work, watches its heartbeat, replaces it when it dies or hangs,
// and lets it go when nothing was asked of it for a while. What it had in hand is told as "died"; whether that is
// tried again is not decided here.

import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { isThreadRefusal, outOfThreads } from "../out-of-threads.ts";
import type { Progress } from "../protocol/progress.ts";
import { ImpastoError } from "../protocol/errors.ts";
import type { SettingsChange } from "../protocol/recipe.ts";
import type { RequestOf } from "../protocol/request.ts";
import type { ModelToExamine } from "./child-engine.ts";
import { type MemoryBudget, overBudget } from "./memory-budget.ts";
import type {
  AnswerMessage,
  CallName,
  Finished,
  PictureFile,
  Released,
  RunMessage,
  RunOrder,
  ToChild,
} from "./messages.ts";
import { parseFromChild } from "./parse-message.ts";
import { StallWatch, stoodStill } from "./stall-watch.ts";

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

interface Call {
  message: ToChild;
  sent: boolean;
  /** Why nobody waits for it any more. */
  withdrawn: ImpastoError | null;
  news: (value: unknown) => void;
  resolve: (value: unknown) => void;
  reject: (error: ImpastoError) => void;
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
/** How the reason begins for a child that never said that it was ready. */
const NOT_STARTED = "it did not start";
/** At the end: so long for a last checkpoint. */
const CLOSE_MS = 3_000;
/** Results in memory that wait for the disk; painting does not run away from it. */
const MOST_ENDING = 2;

export class Supervisor {
  readonly #options: Required<Omit<SupervisorOptions, "onEvent">> & Pick<SupervisorOptions, "onEvent">;
  readonly #calls = new Map<number, Call>();
  #child: ChildProcess | null = null;
  #ready = false;
  #active: Active | null = null;
  /** Painted, and on their way to the disk. */
  readonly #ending = new Set<Active>();
  /** Looks at the child since its last word. */
  #silentLooks = 0;
  #startedAt = 0;
  #deathsInRow = 0;
  #nextCall = 1;
  #closed = false;
  #watch: NodeJS.Timeout | null = null;
  #restart: NodeJS.Timeout | null = null;
  #idle: NodeJS.Timeout | null = null;
  #killCancelled: NodeJS.Timeout | null = null;
  /** Of the last call that was withdrawn: the child gives them up in their order. */
  #killWithdrawn: { call: number; timer: NodeJS.Timeout } | null = null;

  constructor(options: SupervisorOptions) {
    this.#options = { ...DEFAULTS, ...options };
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
    for (const [call, { message }] of this.#calls) if (isLive(message)) this.#withdraw(call, inWork());
    this.#wake();
  }

  /** This content is likely to be the next run's: a child that is there decodes it meanwhile. */
  expect({ picture, maxSide }: { picture: PictureFile; maxSide: number }): void {
    if (this.#ready) this.#send({ type: "expect", picture, maxSide });
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
    this.#killCancelled ??= setTimeout(() => this.#kill("did not give up a cancelled job"), this.#options.cancelMs);
  }

  /** Asks the child; throws ImpastoError: what it answered, or "engine-crashed". */
  call(name: "plan" | "live", argument: RequestOf<PictureFile>): Promise<unknown>;
  call(name: "convert", argument: PictureFile): Promise<unknown>;
  call(name: "shrink", argument: string): Promise<unknown>;
  call(name: "pull", argument: string, news: (value: unknown) => void): Promise<unknown>;
  call(name: "examineModel", argument: ModelToExamine): Promise<unknown>;
  call(name: "devices" | "networks" | "facts"): Promise<unknown>;
  call(
    name: CallName,
    argument: RequestOf<PictureFile> | PictureFile | ModelToExamine | string | null = null,
    news = (_: unknown): void => {},
  ): Promise<unknown> {
    if (this.#closed) return Promise.reject(new ImpastoError("busy", "Impasto is shutting down."));
    return new Promise((resolve, reject) => {
      const call = this.#nextCall++;
      const message = { type: "call", call, name, argument } as ToChild;
      this.#calls.set(call, { message, sent: false, withdrawn: null, news, resolve, reject });
      this.#wake();
    });
  }

  /** The bytes of a live picture. Runs come first: "busy" while there is one and when one begins; "cancelled". */
  live(request: RequestOf<PictureFile>, signal: AbortSignal): Promise<unknown> {
    if (this.#active !== null) return Promise.reject(inWork());
    return this.#until(signal, () => this.call("live", request));
  }

  /** Beside runs; "cancelled" once the signal aborts. */
  examineModel(model: ModelToExamine, signal: AbortSignal): Promise<unknown> {
    return this.#until(signal, () => this.call("examineModel", model));
  }

  #until(signal: AbortSignal, ask: () => Promise<unknown>): Promise<unknown> {
    if (signal.aborted) return Promise.reject(givenUp());
    const call = this.#nextCall;
    const withdraw = (): void => this.#withdraw(call, givenUp());
    signal.addEventListener("abort", withdraw);
    return ask().finally(() => signal.removeEventListener("abort", withdraw));
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
      // The channel's end tells the child to leave; the signal is for one that cannot hear.
      if (child.connected) child.disconnect();
      await until(() => this.#child === null, 500);
      this.#kill("closing");
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
    // A channel that broke is followed by the child's exit, which settles everything.
    if (this.#child?.connected) this.#child.send(message, () => undefined);
  }

  #wake(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    if (this.#child === null) this.#start();
    else if (this.#ready) this.#handOver();
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
    this.#startedAt = performance.now();
    let child: ChildProcess;
    try {
      child = fork(this.#options.childPath, [String(process.pid)], {
        serialization: "advanced",
        stdio: ["ignore", "ignore", "inherit", "ipc"],
        execArgv: [],
        env: childEnvironment(),
      });
    } catch (error) {
      // Some of what the system refuses is thrown at once, a lack of memory for one.
      this.#ended(null, String(error));
      return;
    }
    this.#child = child;
    this.#ready = false;
    this.#silentLooks = 0;
    this.#options.onEvent?.({ event: "child-started", pid: child.pid });
    child.on("message", (message) => this.#hear(child, message));
    child.on("error", (error) => this.#ended(child, error.message));
    child.on("exit", (code, signal) => this.#ended(child, signal ?? `exit code ${code}`));
    const { silenceMs } = this.#options;
    const lookMs = Math.min(1000, silenceMs / 4);
    // Looks are counted, not time: while the machine slept, or this process was busy, nobody could be heard.
    this.#watch = setInterval(() => {
      this.#silentLooks += 1;
      if (this.#silentLooks * lookMs > silenceMs) this.#kill(`silent for ${silenceMs / 1000} s`);
    }, lookMs);
  }

  #handOver(): void {
    for (const call of this.#calls.values()) {
      if (!call.sent) this.#send(call.message);
      call.sent = true;
    }
    // A live picture that is being given up would make a run wait inside the child, where nobody watches over that.
    const live = [...this.#calls.values()].some(({ message }) => isLive(message));
    if (this.#active !== null && !this.#active.sent && !live) {
      this.#active.sent = true;
      this.#send({ type: "run", order: this.#active.order });
    }
    this.#rest();
  }

  #rest(): void {
    if (this.#active !== null || this.#ending.size > 0 || this.#calls.size > 0 || this.#child === null) return;
    if (this.#idle !== null) clearTimeout(this.#idle);
    // It has nothing to lose, and must be gone before the next one asks for something.
    this.#idle = setTimeout(() => this.#kill("idle"), this.#options.idleMs);
    this.#idle.unref();
  }

  #hear(child: ChildProcess, raw: unknown): void {
    if (child !== this.#child) return;
    this.#silentLooks = 0;
    const message = parseFromChild(raw);
    if (message === null) {
      this.#kill("said something that is no message");
      return;
    }
    switch (message.type) {
      case "beat":
        this.#watchMemory(message.residentBytes);
        this.#watchProgress();
        break;
      case "ready":
        this.#ready = true;
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
    const call = this.#calls.get(message.call);
    if (call === undefined) return;
    if (message.type === "news") {
      call.news(message.value);
      return;
    }
    this.#calls.delete(message.call);
    if (this.#killWithdrawn?.call === message.call) this.#keepAlive();
    const error = message.type === "refused" ? ImpastoError.fromBody(message.error) : null;
    if (call.withdrawn !== null) call.reject(call.withdrawn);
    else if (message.type === "answer") call.resolve(message.value);
    else if (error !== null) call.reject(error);
    if (error !== null && isDeviceError(error)) this.#kill("device error");
    else this.#handOver();
  }

  /** The call ends with `why`; a child that does not give it up soon is killed. */
  #withdraw(call: number, why: ImpastoError): void {
    const known = this.#calls.get(call);
    if (known === undefined || known.withdrawn !== null) return;
    known.withdrawn = why;
    if (known.sent) {
      this.#send({ type: "withdraw", call });
      const timer = setTimeout(() => this.#kill("did not give up a call"), this.#options.cancelMs);
      this.#keepAlive();
      this.#killWithdrawn = { call, timer };
      return;
    }
    this.#calls.delete(call);
    known.reject(why);
  }

  #keepAlive(): void {
    if (this.#killWithdrawn !== null) clearTimeout(this.#killWithdrawn.timer);
    this.#killWithdrawn = null;
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
    this.#kill(`too much memory: ${error.cause}`);
  }

  #watchProgress(): void {
    const reason = this.#active?.watch?.beat() ?? null;
    if (reason !== null) this.#kill(reason);
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
    if (outcome.type === "failed" && isDeviceError(outcome.error)) this.#kill("device error");
    active.handlers.settled(outcome);
    this.#rest();
  }

  #kill(reason: string): void {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    this.#ended(child, reason);
  }

  /** `child`: the one that ended, or null for one that could not even be started. */
  #ended(child: ChildProcess | null, why: string): void {
    if (child !== this.#child) return;
    const reason = this.#ready ? why : `${NOT_STARTED}: ${why}`;
    this.#child = null;
    this.#ready = false;
    const cancelling = this.#killCancelled !== null;
    this.#stopTimers();
    this.#options.onEvent?.({ event: "child-ended", pid: child?.pid, reason });
    const inHand = [...this.#ending, ...(this.#active === null ? [] : [this.#active])];
    const wanted = (inHand.length > 0 || this.#calls.size > 0) && !cancelling;
    const early = performance.now() - this.#startedAt < SETTLED_MS;
    this.#deathsInRow = !wanted ? 0 : early ? this.#deathsInRow + 1 : 1;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) call.reject(call.withdrawn ?? crashed(reason));
    for (const active of inHand) this.#settle(active, { type: "died", reason });
    if (this.#active !== null || this.#calls.size > 0) this.#start();
  }

  #stopTimers(): void {
    if (this.#watch !== null) clearInterval(this.#watch);
    if (this.#idle !== null) clearTimeout(this.#idle);
    if (this.#killCancelled !== null) clearTimeout(this.#killCancelled);
    this.#keepAlive();
    this.#watch = null;
    this.#idle = null;
    this.#killCancelled = null;
  }
}

function isLive(message: ToChild): boolean {
  return message.type === "call" && message.name === "live";
}

function inWork(): ImpastoError {
  return new ImpastoError("busy", "A picture is in work, and comes first.", { hint: "Wait until it is done." });
}

function givenUp(): ImpastoError {
  return new ImpastoError("cancelled", "It was given up.");
}

/** Without what would change how Node itself runs in there. */
function childEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...rest } = process.env;
  return rest;
}

/** Of a GPU that failed: the CPU may still do the job. */
export function isDeviceError(error: ImpastoError): boolean {
  return error.code === "gpu-lost" || error.code === "gpu-out-of-memory";
}

export function crashed(reason: string): ImpastoError {
  if (isThreadRefusal(reason)) return outOfThreads(reason);
  if (reason.startsWith(NOT_STARTED)) {
    return new ImpastoError("engine-crashed", "The engine could not be started.", {
      hint: "The system may have no memory or threads left for it: close other programs, then see `impasto doctor`.",
      cause: reason,
    });
  }
  if (stoodStill(reason)) {
    return new ImpastoError("engine-crashed", "The engine stood still, twice, so it was ended.", {
      hint: "Update the graphics driver, or choose the CPU as the device; `impasto doctor` tells what works here.",
      cause: reason,
    });
  }
  return new ImpastoError("engine-crashed", "The engine crashed.", {
    hint: "Try a smaller size or another device; `impasto doctor` tells what works here.",
    cause: reason,
  });
}

async function until(condition: () => boolean, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!condition() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
}
