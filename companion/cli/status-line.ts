// One line of progress: redrawn in place on a terminal, printed now and then elsewhere, left out when quiet.

import { printable } from "./printable.ts";

const ERASE_LINE = "\r\x1b[K";
const PLAIN_EVERY_MS = 10_000;

export interface StatusLine {
  /** `last`: nothing follows, so it is printed in any case. */
  update(text: string, last: boolean): void;
  /** Leaves the cursor on a line of its own. Idempotent. */
  end(): void;
}

export function openStatusLine(output: NodeJS.WriteStream, quiet: boolean): StatusLine {
  const redraws = output.isTTY === true && process.env.TERM !== "dumb";
  let drawn = false;
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    update(words: string, last: boolean): void {
      if (quiet) return;
      const text = printable(words);
      if (redraws) {
        output.write(ERASE_LINE + [...text].slice(0, (output.columns ?? 80) - 1).join(""));
        drawn = true;
      } else if (last || performance.now() - lastMs >= PLAIN_EVERY_MS) {
        lastMs = performance.now();
        output.write(`${text}\n`);
      }
    },
    end(): void {
      if (drawn) output.write(ERASE_LINE);
      drawn = false;
    },
  };
}
