// One style on its way to being learned, in a process of its own.

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../package-root.ts";
import { ImpastoError } from "../protocol/errors.ts";
import type { Learned } from "../protocol/learnings.ts";
import type { Progress } from "../protocol/progress.ts";
import { isOf } from "../supervisor/parse-message.ts";
import { FromLearnerSchema, type LearnWork, type ToLearner } from "./learn-messages.ts";

export interface LearningHandlers {
  progress(progress: Progress): void;
  /** There is a new picture of what has been learned. */
  preview(): void;
  /** Called once, last; not after end(). */
  settled(outcome: Learned | ImpastoError): void;
}

/** Begins at once. */
export type StartLearning = (work: LearnWork, handlers: LearningHandlers) => Pick<LearningProcess, "tell" | "end">;

export class LearningProcess {
  readonly #child: ChildProcess;
  readonly #handlers: LearningHandlers;
  #over = false;

  constructor(work: LearnWork, handlers: LearningHandlers) {
    this.#handlers = handlers;
    this.#child = fork(join(packageRoot(), "dist", "learn-child.js"), [String(process.pid)], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      execArgv: [],
    });
    this.#child.on("message", (message) => this.#hear(message));
    this.#child.on("error", (error) => this.#settle(crashed(error.message)));
    this.#child.on("exit", (code, signal) => this.#settle(crashed(signal ?? `exit code ${code}`)));
    this.#send({ type: "learn", work });
  }

  tell(type: "pause" | "resume" | "stop"): void {
    this.#send({ type });
  }

  /** Gives it up at once. */
  end(): void {
    this.#over = true;
    this.#child.kill("SIGKILL");
  }

  #send(message: ToLearner): void {
    // A channel that broke is followed by the exit, which settles everything.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #hear(message: unknown): void {
    if (this.#over) return;
    if (!isOf(FromLearnerSchema, message)) {
      this.#settle(crashed("said something that is no message"));
      return;
    }
    if (message.type === "progress") this.#handlers.progress(message.progress);
    else if (message.type === "preview") this.#handlers.preview();
    else if (message.type === "finished") this.#settle(message.learned);
    else this.#settle(ImpastoError.fromBody(message.error));
  }

  #settle(outcome: Learned | ImpastoError): void {
    if (this.#over) return;
    this.end();
    this.#handlers.settled(outcome);
  }
}

function crashed(reason: string): ImpastoError {
  return new ImpastoError("engine-crashed", "The engine crashed while it learned a style.", {
    hint: "Resume it: it goes on from where it was put aside last.",
    cause: reason,
  });
}
