// What commands do when they are told to end: by Ctrl-C (SIGINT), by the system (SIGTERM), or because their terminal
// was closed (SIGHUP). The first time they end with what they have, the second time at once.

import type { Command } from "commander";
import { EXIT } from "./exit-codes.ts";

/** All other commands end at once: they have nothing to lose. Stands in each one's help, and in the README. */
export const WHEN_TOLD_TO_END = {
  stylize: "writes the best picture so far; with --recipe, nothing",
  demo: "writes the best picture so far",
  texture: "writes the best picture so far",
  explore: "writes the sheet of what is painted so far",
  batch: "keeps what is done; the same command goes on",
  sequence: "keeps the frames that are done; the same command goes on",
  serve: "stops; running jobs are kept and go on at the next start",
  worker: "puts its jobs aside, from where others go on with them",
  "networks pull": "keeps what has come; the same command goes on",
  "networks normalize": "writes nothing",
} as const;

/** npm passes on a Ctrl-C that its child has from the terminal already: what follows so soon is the same one. */
const ECHO_MS = 250;

export interface Interrupts {
  readonly interrupted: boolean;
  /** Gives the signals back to the system. */
  release(): void;
}

/** Says in the command's help what the table says. */
export function addInterruptHelp(command: Command, name: keyof typeof WHEN_TOLD_TO_END): Command {
  return command.addHelpText("after", `\nWhen told to end (Ctrl-C, SIGTERM, SIGHUP): ${WHEN_TOLD_TO_END[name]}.`);
}

export function watchInterrupts(onFirst: () => void): Interrupts {
  let interrupted = false;
  let echoIsOver = false;
  const tell = () => {
    interrupted = true;
    // Signals that came while this process was busy are handled before the immediate, however late that is.
    setTimeout(() => setImmediate(() => (echoIsOver = true)), ECHO_MS).unref();
    onFirst();
  };
  const listener = () => {
    if (!interrupted) tell();
    else if (echoIsOver) process.exit(EXIT.interrupted);
  };
  // Shell and system may both tell of a terminal that closed; nobody presses a key there again.
  const hangUp = () => {
    if (!interrupted) tell();
  };
  process.on("SIGINT", listener);
  process.on("SIGTERM", listener);
  if (talksToTerminal()) process.on("SIGHUP", hangUp);
  return {
    get interrupted() {
      return interrupted;
    },
    release() {
      process.off("SIGINT", listener);
      process.off("SIGTERM", listener);
      process.off("SIGHUP", hangUp);
    },
  };
}

/**
 * Keeps SIGHUP ignored under nohup, for this process. Node makes it deadly again at its start, and no trace of that is
 * left on any platform; but nohup leaves no output on a terminal, and where none is there is no end of it to follow.
 */
export function outliveHangUps(): void {
  if (!talksToTerminal()) process.on("SIGHUP", () => {});
}

function talksToTerminal(): boolean {
  return process.stdout.isTTY === true || process.stderr.isTTY === true;
}
