// One engine child, from its start to its end: what it says, checked on arrival, and whether it still says anything.

import { type ChildProcess, fork } from "node:child_process";
import { notStarted } from "./engine-errors.ts";
import type { FromChild, ToChild } from "./messages.ts";
import { parseFromChild } from "./parse-message.ts";

const MOST_BETWEEN_LOOKS_MS = 1000;

export interface EngineProcessOptions {
  /** The child's module. */
  childPath: string;
  /** A child that says nothing for so long is killed. */
  silenceMs: number;
  onMessage: (message: FromChild) => void;
  /** Called once, last, never before the constructor returns. */
  onEnd: (reason: string) => void;
}

export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #options: EngineProcessOptions;
  readonly #watch: NodeJS.Timeout;
  readonly #startedAt = performance.now();
  #ready = false;
  #over = false;
  /** Looks at the child since its last word. */
  #silentLooks = 0;

  /** Throws what the system refuses at once, a lack of memory for one. */
  constructor(options: EngineProcessOptions) {
    this.#options = options;
    this.#child = fork(options.childPath, [String(process.pid)], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      execArgv: [],
      env: childEnvironment(),
    });
    this.#child.on("message", (message) => this.#hear(message));
    this.#child.on("error", (error) => this.#end(error.message));
    this.#child.on("exit", (code, signal) => this.#end(signal ?? `exit code ${code}`));
    const { silenceMs } = options;
    const lookMs = Math.min(MOST_BETWEEN_LOOKS_MS, silenceMs / 4);
    // Looks are counted, not time: while the machine slept, or this process was busy, nobody could be heard.
    this.#watch = setInterval(() => {
      this.#silentLooks += 1;
      if (this.#silentLooks * lookMs > silenceMs) this.kill(`silent for ${silenceMs / 1000} s`);
    }, lookMs);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** It has said that it hears. */
  get ready(): boolean {
    return this.#ready;
  }

  get ageMs(): number {
    return performance.now() - this.#startedAt;
  }

  send(message: ToChild): void {
    // A channel that broke is followed by the child's exit, which settles everything.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** The channel's end tells the child to leave. */
  disconnect(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  kill(reason: string): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGKILL");
    this.#end(reason);
  }

  #hear(raw: unknown): void {
    if (this.#over) return;
    this.#silentLooks = 0;
    const message = parseFromChild(raw);
    if (message === null) {
      this.kill("said something that is no message");
      return;
    }
    if (message.type === "ready") this.#ready = true;
    this.#options.onMessage(message);
  }

  #end(why: string): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#watch);
    this.#options.onEnd(this.#ready ? why : notStarted(why));
  }
}

/** Without what would change how Node itself runs in there. */
function childEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...rest } = process.env;
  return rest;
}
