// Health, the pairing handshake's messages and the list of pairings.

import { type Static, Type } from "typebox";
import { PANEL_HOSTS } from "./pairing.ts";
import { CLOSED, IdSchema, TimeSchema } from "./schemas.ts";

const NonceSchema = Type.String({ pattern: "^[0-9a-f]{32}$" });
const MacSchema = Type.String({ pattern: "^[0-9a-f]{64}$" });
export const PairingIdSchema = Type.String({ pattern: "^[0-9a-f]{16}$" });

/** All that anybody may know without a token. */
export const HealthSchema = Type.Object(
  {
    product: Type.Literal("impasto"),
    protocol: Type.Integer({ minimum: 1 }),
    instance: IdSchema,
    pairing: Type.Enum(["open", "closed"]),
  },
  CLOSED,
);

export const PairStartSchema = Type.Object({ clientNonce: NonceSchema }, CLOSED);
export const PairStartedSchema = Type.Object(
  { handshake: IdSchema, serverNonce: NonceSchema, instance: IdSchema },
  CLOSED,
);
export const PairFinishSchema = Type.Object(
  {
    handshake: IdSchema,
    proof: MacSchema,
    host: Type.Enum(PANEL_HOSTS),
    name: Type.String({
      maxLength: 80,
      // It is printed in terminals.
      pattern: "^[^\\x00-\\x1f\\x7f-\\x9f]*$",
      description: "For the list of pairings, e.g. Figma in Chrome.",
    }),
  },
  CLOSED,
);
export const PairFinishedSchema = Type.Object({ id: PairingIdSchema, sealed: MacSchema, proof: MacSchema }, CLOSED);

/** Before a stored token is sent: does the one who answers hold its other half? */
export const TokenProofRequestSchema = Type.Object({ id: PairingIdSchema, nonce: NonceSchema }, CLOSED);
export const TokenProofSchema = Type.Object({ proof: MacSchema }, CLOSED);

/** What a token is traded for; shown with every request from then on. */
export const SessionSchema = Type.Object({ session: Type.String() }, CLOSED);

/** The one-time ticket in the address that the companion opens; see design of the served page. */
export const TicketSchema = Type.Object({ ticket: MacSchema }, CLOSED);
export const TicketTokenSchema = Type.Object({ token: Type.String() }, CLOSED);

/**
 * jobs: everything about work. admin: also the pairings themselves; the companion's own page and the CLI. work: what a
 * worker needs for the jobs that it has in work, and nothing else.
 */
export const SCOPES = ["jobs", "admin", "work"] as const;
export type Scope = (typeof SCOPES)[number];
/** Whom a token may have been given to. */
export const PAIRING_HOSTS = [...PANEL_HOSTS, "page", "worker"] as const;

export const PairingSchema = Type.Object(
  {
    id: PairingIdSchema,
    host: Type.Enum(PAIRING_HOSTS),
    name: Type.String(),
    scope: Type.Enum(SCOPES),
    createdAt: TimeSchema,
    lastSeenAt: TimeSchema,
    /** The pairing that asks. */
    current: Type.Boolean(),
  },
  CLOSED,
);
export const PairingListSchema = Type.Object({ pairings: Type.Array(PairingSchema) }, CLOSED);
export const PairingWindowSchema = Type.Object({ code: Type.String(), expiresAt: TimeSchema }, CLOSED);

export type Health = Static<typeof HealthSchema>;
export type PairStart = Static<typeof PairStartSchema>;
export type PairStarted = Static<typeof PairStartedSchema>;
export type PairFinish = Static<typeof PairFinishSchema>;
export type PairFinished = Static<typeof PairFinishedSchema>;
export type Pairing = Static<typeof PairingSchema>;
export type PairingWindow = Static<typeof PairingWindowSchema>;
