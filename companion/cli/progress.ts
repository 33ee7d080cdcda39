// Progress of a run: one line redrawn on a terminal, a few plain lines elsewhere.

import type { Progress } from "../protocol/progress.ts";
import { formatLoss, formatSeconds } from "./format.ts";

export interface ProgressView {
  update(progress: Progress): void;
  /** Leaves the cursor on a line of its own. Idempotent. */
  end(): void;
}

interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const BAR_CELLS = 12;
const ERASE_LINE = "\r\x1b[K";
/** Plain lines come at each new scale and, in a long scale, this often. */
const PLAIN_EVERY_SECONDS = 30;

export function openProgressView(output: Output, quiet: boolean): ProgressView {
  if (quiet) return { update: () => {}, end: () => {} };
  const isTerminal = output.isTTY === true && process.env.TERM !== "dumb";
  return isTerminal ? redrawnLine(output) : plainLines(output);
}

function redrawnLine(output: Output): ProgressView {
  let drawn = false;
  return {
    update(progress) {
      const cells = Math.round(progress.fraction * BAR_CELLS);
      const bar = "█".repeat(cells) + "░".repeat(BAR_CELLS - cells);
      const line = `${bar} ${describe(progress)}`;
      output.write(ERASE_LINE + [...line].slice(0, (output.columns ?? 80) - 1).join(""));
      drawn = true;
    },
    end() {
      if (drawn) output.write(ERASE_LINE);
      drawn = false;
    },
  };
}

function plainLines(output: Output): ProgressView {
  let scaleIndex = -1;
  let last = 0;
  return {
    update(progress) {
      const due = progress.secondsElapsed - last >= PLAIN_EVERY_SECONDS;
      if (progress.scaleIndex === scaleIndex && !due) return;
      scaleIndex = progress.scaleIndex;
      last = progress.secondsElapsed;
      output.write(`${describe(progress)}\n`);
    },
    end() {},
  };
}

const PHASE_WORDS = {
  optimize: [],
  draft: ["draft"],
  detail: ["detail"],
  polish: ["polish"],
  model: [],
  prepare: [],
  learn: [],
};

/** " 46 %  362 px (3 of 5)  37/80  loss 0.0123  18 s left" */
function describe(progress: Progress): string {
  return [
    `${String(Math.floor(progress.fraction * 100)).padStart(3)} %`,
    ...PHASE_WORDS[progress.phase],
    ...workWords(progress),
    // Unknown until the first iterations are timed.
    ...(progress.secondsLeft > 0 ? [`${formatSeconds(progress.secondsLeft)} left`] : []),
  ].join("  ");
}

/** Only an optimizer has iterations and losses; what learns has neither sizes nor an end that it counts. */
function workWords({ phase, scale, scaleIndex, scaleCount, iteration, iterations, losses }: Progress): string[] {
  if (phase === "prepare") return [`draft ${iteration} of ${iterations}`];
  if (phase === "learn") return [`${iteration} steps`, `style gap ${losses.style.toFixed(2)}`];
  const size = `${scale} px (${scaleIndex + 1} of ${scaleCount})`;
  if (phase === "detail" || phase === "model") return [size];
  return [size, `${iteration}/${iterations}`, `loss ${formatLoss(losses.total)}`];
}
