// Replies under way, by pairing: when a token is revoked, what still streams under it is cut off.

import type { ServerResponse } from "node:http";

export interface OpenReplies {
  /** Remembers the reply until it closes. */
  add(pairing: string, reply: ServerResponse): void;
  /** Cuts off every reply under way for the pairing. */
  cut(pairing: string): void;
  cutAll(): void;
}

export function createOpenReplies(): OpenReplies {
  const open = new Map<string, Set<ServerResponse>>();

  function cut(pairing: string): void {
    for (const reply of open.get(pairing) ?? []) reply.destroy();
  }

  return {
    add(pairing, reply) {
      const replies = open.get(pairing) ?? new Set();
      open.set(pairing, replies.add(reply));
      reply.once("close", () => {
        replies.delete(reply);
        if (replies.size === 0 && open.get(pairing) === replies) open.delete(pairing);
      });
    },
    cut,
    cutAll() {
      for (const pairing of [...open.keys()]) cut(pairing);
    },
  };
}
