// Health, the handshake, the page's ticket, and the list of who is paired.

import type { Holder } from "../../pairing/token-store.ts";
import { ImpastoError } from "../../protocol/errors.ts";
import { PROTOCOL_VERSION } from "../../protocol/ports.ts";
import type { ServerContext } from "../context.ts";
import type { Handlers } from "../handlers.ts";

type PairingRoute =
  | "health"
  | "pairStart"
  | "pairFinish"
  | "pairProof"
  | "pairTicket"
  | "pairSession"
  | "pairOpen"
  | "pairClose"
  | "pairPage"
  | "pairWorker"
  | "pairings"
  | "pairingDelete"
  | "pairingsDelete";

export function pairingRoutes(context: ServerContext): Pick<Handlers, PairingRoute> {
  const { tokens, window, tickets, sessions, limits, log } = context;

  function limited(allowed: boolean): void {
    if (allowed) return;
    throw new ImpastoError("rate-limited", "Too many attempts at pairing.", { hint: "Wait a few seconds." });
  }

  return {
    health: () => ({
      product: "impasto",
      protocol: PROTOCOL_VERSION,
      instance: tokens.instance,
      pairing: window.isOpen() ? "open" : "closed",
    }),

    pairStart({ body }) {
      limited(limits.pairing.take());
      return window.start(body.clientNonce);
    },

    async pairFinish({ body }) {
      limited(limits.pairing.take());
      const finished = await window.finish(body);
      log.info({ pairing: finished.id, host: body.host }, "paired");
      return finished;
    },

    // Not limited: it gives nothing to guess at, and a hostile page could keep panels out by using up the limit.
    pairProof: ({ body }) => ({ proof: tokens.prove(body.id, body.nonce, context.address.port) }),

    pairTicket({ body }) {
      try {
        return { token: tickets.redeem(body.ticket) };
      } catch (error) {
        limited(limits.unauthenticated.take());
        throw error;
      }
    },

    pairSession: ({ holder }) => ({ session: sessions.open(holder as Holder) }),

    pairOpen() {
      const { code, millisecondsLeft } = window.open();
      return { code, expiresAt: Math.round(Date.now() + millisecondsLeft) };
    },

    pairClose() {
      window.close();
      return undefined;
    },

    pairPage: () => ({ ticket: tickets.issue() }),

    pairWorker({ body }) {
      const { id, token } = tokens.issue({ host: "worker", name: body.name, scope: "work" });
      log.info({ pairing: id, host: "worker" }, "paired");
      return { token };
    },

    pairings: ({ holder }) => ({ pairings: tokens.list(holder?.id ?? "") }),

    pairingDelete({ params, holder }) {
      if (holder?.scope !== "admin" && holder?.id !== params.id) {
        throw new ImpastoError("forbidden", "A panel may only unpair itself.", {
          hint: "Unpair others on the companion's page, or with `impasto pair revoke`.",
        });
      }
      if (!tokens.revoke(params.id)) throw new ImpastoError("not-found", "There is no such pairing.");
      return undefined;
    },

    pairingsDelete({ holder }) {
      tokens.revokeAllBut(holder?.id ?? "");
      return undefined;
    },
  };
}
