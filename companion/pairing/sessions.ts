// Sessions: what a panel shows with every request instead of its token, which travels once for each session and
// only after the companion has proved itself. They stand in memory alone: whoever takes over the port after the
// companion has ended hears nothing that is worth keeping.

import { createHash } from "node:crypto";
import { formatSession, SECRET_BYTES } from "../protocol/pairing.ts";
import { randomHex } from "./keys.ts";
import type { Holder, TokenStore } from "./token-store.ts";

const SESSION_MS = 12 * 3_600_000;
/** Of one pairing at the same time: windows of the editor, tabs, starts of the panel. The oldest makes room. */
const MAX_SESSIONS = 32;
/** Workers may share one token: a studio's whole room of machines. */
const MAX_WORKER_SESSIONS = 1_000;

interface Session {
  holder: Holder;
  until: number;
}

/** `now` in milliseconds, monotonic: a changed clock neither prolongs nor ends a session. */
export function createSessions(tokens: TokenStore, now: () => number = () => performance.now()) {
  /** By hash, oldest first: to look one up takes no longer for a guess that comes near. */
  const sessions = new Map<string, Session>();

  function endOf(pairing: string): void {
    for (const [hash, { holder }] of sessions) if (holder.id === pairing) sessions.delete(hash);
  }

  function makeRoom({ id, scope }: Holder): void {
    for (const [hash, { until }] of sessions) if (now() >= until) sessions.delete(hash);
    const own = [...sessions].filter(([, { holder }]) => holder.id === id);
    const most = scope === "work" ? MAX_WORKER_SESSIONS : MAX_SESSIONS;
    const tooMany = Math.max(0, own.length - most + 1);
    for (const [hash] of own.slice(0, tooMany)) sessions.delete(hash);
  }

  tokens.onRevoked(endOf);

  return {
    /** A new session of who has shown a token. */
    open(holder: Holder): string {
      makeRoom(holder);
      const session = formatSession(randomHex(SECRET_BYTES));
      sessions.set(hashOf(session), { holder, until: now() + SESSION_MS });
      return session;
    },

    /** Whose session this is, or null. The command line's token ends with this process too, and stands for one. */
    verify(bearer: string): Holder | null {
      const session = sessions.get(hashOf(bearer));
      if (session === undefined) return tokens.verifyForThisRun(bearer);
      if (now() >= session.until) return null;
      tokens.seen(session.holder.id);
      return session.holder;
    },
  };
}

export type Sessions = ReturnType<typeof createSessions>;

function hashOf(session: string): string {
  return createHash("sha256").update(session).digest("hex");
}
