// What every route works with, and what a request carries after the guard let it pass.

import type { JobService } from "../job-service.ts";
import type { Log } from "../log.ts";
import type { PairingWindow } from "../pairing/pairing-window.ts";
import type { RateLimit } from "../pairing/rate-limit.ts";
import type { Sessions } from "../pairing/sessions.ts";
import type { Tickets } from "../pairing/tickets.ts";
import type { Holder, TokenStore } from "../pairing/token-store.ts";
import type { ErrorCode } from "../protocol/errors.ts";
import type { WorkDesk } from "../work-desk.ts";
import type { OpenReplies } from "./open-replies.ts";
import type { Presence } from "./presence.ts";

export interface ServerContext {
  service: JobService;
  /** Null where no other machine does the work. */
  desk: WorkDesk | null;
  tokens: TokenStore;
  window: PairingWindow;
  tickets: Tickets;
  sessions: Sessions;
  log: Log;
  /** Known once it listens; 0 before. */
  address: { port: number; hostHeaders: ReadonlySet<string> };
  limits: { pairing: RateLimit; unauthenticated: RateLimit };
  heartbeatMs: number;
  openReplies: OpenReplies;
  presence: Presence;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Set by the guard on every route that needs a session or a token. */
    holder: Holder | null;
    /** Code of the error it was answered with, for the log. */
    refusal: ErrorCode | null;
  }
}
