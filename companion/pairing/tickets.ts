// One-time tickets for the companion's own page: printed in its address behind the #, so no server,
// no log and no referrer ever sees one; the page trades it for a token.

import { ImpastoError } from "../protocol/errors.ts";
import { randomHex } from "./keys.ts";
import type { TokenStore } from "./token-store.ts";

/** A ticket that was printed and not used is good for this long. */
const TICKET_MS = 10 * 60_000;
const MAX_TICKETS = 16;

export function createTickets(tokens: TokenStore, now: () => number = () => performance.now()) {
  const tickets = new Map<string, number>();
  return {
    issue(): string {
      for (const [ticket, until] of tickets) if (now() >= until || tickets.size >= MAX_TICKETS) tickets.delete(ticket);
      const ticket = randomHex(32);
      tickets.set(ticket, now() + TICKET_MS);
      return ticket;
    },

    /** The page's token. "unauthorized" for a ticket that is unknown, used or too old. */
    redeem(ticket: string): string {
      const until = tickets.get(ticket);
      tickets.delete(ticket);
      if (until === undefined || now() >= until) {
        throw new ImpastoError("unauthorized", "This address was used before or is too old.", {
          hint: "Press o in the terminal where the companion runs, or run `impasto pair page`, for a new one.",
        });
      }
      return tokens.issue({ host: "page", name: "Companion's page", scope: "admin" }).token;
    },
  };
}

export type Tickets = ReturnType<typeof createTickets>;
