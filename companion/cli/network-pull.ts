// A pull with its progress on the terminal: one line redrawn, or a plain line now and then; Ctrl-C keeps what has come.

import { type PullEvent, type PullOptions, type PullResult, pullNetwork } from "../networks/pull.ts";
import { formatBytes, formatSeconds } from "./format.ts";
import { watchInterrupts } from "./interrupts.ts";
import { openStatusLine } from "./status-line.ts";
import type { OutputOptions, Terminal } from "./terminal.ts";

const BAR_CELLS = 20;

type Flags = OutputOptions & Pick<PullOptions, "from" | "hash" | "full" | "fp32">;

export async function pullWithProgress(name: string, flags: Flags, terminal: Terminal): Promise<PullResult> {
  const { from, hash, full, fp32, quiet = false } = flags;
  const abort = new AbortController();
  const interrupts = watchInterrupts(() => abort.abort());
  const line = openStatusLine(process.stderr, quiet);
  try {
    return await pullNetwork(name, {
      from,
      hash,
      full,
      fp32,
      signal: abort.signal,
      onEvent: (event) => {
        if (event.kind === "progress")
          return line.update(describeProgress(event), event.receivedBytes === event.totalBytes);
        line.end();
        const note = describeEvent(event);
        if (note !== null) terminal.note(note);
      },
    });
  } finally {
    line.end();
    interrupts.release();
  }
}

/** "████░░  45 %  36.1 of 80.1 MB  5.2 MB/s  8.5 s left" */
function describeProgress({
  receivedBytes,
  totalBytes,
  bytesPerSecond,
  secondsLeft,
}: Extract<PullEvent, { kind: "progress" }>): string {
  const speed = `${formatBytes(bytesPerSecond)}/s`;
  if (totalBytes === null) return `${formatBytes(receivedBytes)}  ${speed}`;
  const share = totalBytes === 0 ? 1 : receivedBytes / totalBytes;
  const cells = Math.round(share * BAR_CELLS);
  const left = secondsLeft === null ? "" : `  ${formatSeconds(secondsLeft)} left`;
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `${"█".repeat(cells)}${"░".repeat(BAR_CELLS - cells)} ${percent} %  ${formatBytes(receivedBytes)} of ${formatBytes(totalBytes)}  ${speed}${left}`;
}

function describeEvent(event: Exclude<PullEvent, { kind: "progress" }>): string | null {
  switch (event.kind) {
    case "source":
      return `From ${event.source}`;
    case "waiting":
      return `Another pull of this network is running (process ${event.pid}); waiting for it.`;
    case "retry":
      return `${event.reason}; trying again in ${formatSeconds(event.waitMs / 1000)}.`;
    case "source-failed":
      return event.error.message;
    case "unpublished":
      return "No published hash vouches for this source: shapes and values are checked, its origin is yours to judge.";
    case "converting":
      return null;
  }
}
