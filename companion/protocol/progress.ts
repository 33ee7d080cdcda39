// How far a run is: one plain record, the same from every engine, on the wire and in the ledger.

import { type Static, Type } from "typebox";
import { CLOSED } from "./schemas.ts";

export const LossesSchema = Type.Object(
  {
    /** Weighted terms of one iterate; their sum is `total`. */
    content: Type.Number(),
    style: Type.Number(),
    tv: Type.Number(),
    total: Type.Number(),
    /** Unweighted, by layer name. */
    contentLayers: Type.Record(Type.String(), Type.Number()),
    styleLayers: Type.Record(Type.String(), Type.Number()),
  },
  CLOSED,
);

/**
 * What a run is doing: everything by the optimizer; or a draft by it, details in one pass, and a polish by it; or windows
 * of the picture by a network of others, where nothing is optimized: its iterations are windows, and its losses 0; or
 * drafts to prepare for learning: its iterations are those; and then filters that learn: its iterations are steps, and its
 * style loss the share of the style gap left.
 */
export const PHASES = ["optimize", "draft", "detail", "polish", "model", "prepare", "learn"] as const;

export const ProgressSchema = Type.Object(
  {
    phase: Type.Enum(PHASES),
    /** Of the whole work, 0 … 1. */
    fraction: Type.Number({ minimum: 0, maximum: 1 }),
    /** Long side of the scale in work, px, and which of how many (from 0). */
    scale: Type.Integer(),
    scaleIndex: Type.Integer(),
    scaleCount: Type.Integer(),
    width: Type.Integer(),
    height: Type.Integer(),
    /** Optimizer updates done at this scale, and over all scales. */
    iteration: Type.Integer(),
    iterations: Type.Integer(),
    totalIteration: Type.Integer(),
    totalIterations: Type.Integer(),
    /** Of the latest picture that the optimizer looked at. */
    losses: LossesSchema,
    secondsElapsed: Type.Number(),
    secondsLeft: Type.Number(),
    /** What does the work, e.g. "cpu"; `fallback` is the reason when it is not what was asked for. */
    device: Type.String(),
    fallback: Type.Optional(Type.String()),
  },
  CLOSED,
);

/** Where nothing is optimized. */
export const NO_LOSSES: Losses = { content: 0, style: 0, tv: 0, total: 0, contentLayers: {}, styleLayers: {} };

export type Losses = Static<typeof LossesSchema>;
export type Progress = Static<typeof ProgressSchema>;
