// Trouble with where one talks never ends what one does: a closed terminal, a full disk under a redirected stream or
// a reader that went away costs words, and no run. Only what was asked to be printed is missed when it is lost.

import { closeSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { EXIT } from "./exit-codes.ts";

let printed = false;
let lost: NodeJS.ErrnoException | undefined;

/** Prints a line that is what the command is for. */
export function print(text: string): void {
  printed = true;
  process.stdout.write(`${text}\n`);
}

/** Call it once, before anything is said. */
export function outliveOutput(): void {
  process.stderr.on("error", () => {});
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // `| head` has seen what it wanted.
    if (error.code !== "EPIPE") lost ??= error;
  });
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  process.on("exit", () => {
    if (printed && lost !== undefined) tellLoss(lost);
    // Node sets each terminal back as it was when it ends, and aborts where one does not answer any more.
    for (const descriptor of terminals) if (!isatty(descriptor)) closeSync(descriptor);
  });
}

function tellLoss({ code, message }: NodeJS.ErrnoException): void {
  const reason = code === "ENOSPC" ? "the disk is full" : `the system says ${code ?? message}`;
  try {
    writeSync(2, `impasto: The result could not be printed: ${reason}.\n`);
  } catch {
    // Where even this is lost, the exit code remains.
  }
  if ((process.exitCode ?? EXIT.done) === EXIT.done) process.exitCode = EXIT.failed;
}
