// What is wrong with the queue, told in the terminal of a companion or a worker.

import type { QueueAddress } from "../queue/address.ts";
import type { OnTrouble } from "../queue/trouble.ts";
import type { Terminal } from "./terminal.ts";

/** A connection that fails says so again and again. */
const TOLD_EVERY_MS = 60_000;

export function tellTrouble(terminal: Terminal, { shown }: QueueAddress): OnTrouble {
  const toldAt = new Map<string, number>();
  return (trouble, detail) => {
    const now = performance.now();
    if (now - (toldAt.get(trouble) ?? -TOLD_EVERY_MS) < TOLD_EVERY_MS) return;
    toldAt.set(trouble, now);
    terminal.note(`The queue at ${shown} ${trouble}`);
    if (detail !== "") terminal.detail(detail);
  };
}
