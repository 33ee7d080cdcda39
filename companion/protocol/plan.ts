// What a request would cost, before it is started.

import { type Static, Type } from "typebox";
import { CLOSED } from "./schemas.ts";

export const PlanSchema = Type.Object(
  {
    width: Type.Integer(),
    height: Type.Integer(),
    scales: Type.Array(
      Type.Object(
        {
          width: Type.Integer(),
          height: Type.Integer(),
          iterations: Type.Integer(),
          secondsPerIteration: Type.Number(),
          /** Side of the tiles in which it is worked at, px; 0: all at once. */
          tile: Type.Integer(),
        },
        CLOSED,
      ),
    ),
    peakBytes: Type.Number(),
    seconds: Type.Number(),
    /** False when peakBytes exceeds what the machine has free; then largestSize fits. */
    fits: Type.Boolean(),
    largestSize: Type.Integer(),
    device: Type.String(),
  },
  CLOSED,
);

export type Plan = Static<typeof PlanSchema>;
