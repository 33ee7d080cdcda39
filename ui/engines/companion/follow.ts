// An event stream that survives the companion: reconnects by sequence number until a last event, or until it is refused.

import { isHeartbeat, type Line } from "../../../companion/protocol/client.ts";
import { ImpastoError, isPassing } from "../../../companion/protocol/errors.ts";
import { HEARTBEAT_MS } from "../../../companion/protocol/limits.ts";
import type { CompanionHttp } from "./http.ts";

type FollowedRoute = "jobEvents" | "batchEvents" | "networkEvents";

export interface FollowOptions<N extends FollowedRoute> {
  /** Asked anew at each connection: a companion that was started again may have another port. */
  http(): CompanionHttp;
  route: N;
  params: Record<string, string>;
  signal: AbortSignal;
  onEvent(event: Line<N>): void;
  /** True when the companion stops answering, false when it is back. */
  onLost?(lost: boolean): void;
  isLast(event: Line<N>): boolean;
}

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 2_000;

/** Resolves with the last event. Throws "cancelled" when the signal aborts, or the companion's refusal. */
export async function follow<N extends FollowedRoute>(options: FollowOptions<N>): Promise<Line<N>> {
  const { route, params, signal, onEvent, onLost, isLast } = options;
  let after = 0;
  let delayMs = FIRST_DELAY_MS;
  let lost = false;
  for (;;) {
    try {
      const query = { after: String(after) };
      for await (const event of options.http().lines(route, { params, query, signal, idleMs: HEARTBEAT_MS * 2 })) {
        delayMs = FIRST_DELAY_MS;
        if (lost) onLost?.(false);
        lost = false;
        if (isHeartbeat(event)) continue;
        const line = event as Line<N> & { sequence: number };
        after = Math.max(after, line.sequence);
        onEvent(line);
        if (isLast(line)) return line;
      }
    } catch (cause) {
      if (signal.aborted) throw new ImpastoError("cancelled", "Cancelled.", { cause });
      if (!isPassing(cause)) throw cause;
      if (!lost) onLost?.(true);
      lost = true;
    }
    await pause(delayMs, signal);
    delayMs = Math.min(LONGEST_DELAY_MS, delayMs * 2);
  }
}

/** Resolves after the time, or at once when the signal aborts. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });
}
