// What a result was made from and how: enough to make it again. It stands in the job and, as JSON, in the
// result's PNG (iTXt, keyword impasto). The same bytes are promised for the recorded device, threads
// and machine, and not for a run that was resumed from a checkpoint.

import { type Static, Type } from "typebox";
import { MAX_STYLES } from "./limits.ts";
import { CLOSED, NameSchema, PartialSettingsSchema, SettingsSchema, Sha256Schema } from "./schemas.ts";

/** A picture by its content; the name is for people and names no file on disk. */
export const PictureRefSchema = Type.Object({ sha256: Sha256Schema, name: Type.Optional(NameSchema) }, CLOSED);

export const StyleRefSchema = Type.Object(
  {
    sha256: Sha256Schema,
    name: Type.Optional(NameSchema),
    weight: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1e6, description: "Share in the blend; 1." })),
  },
  CLOSED,
);

export const StylesSchema = Type.Array(StyleRefSchema, { minItems: 1, maxItems: MAX_STYLES });

/** A change of live settings while the job ran, and the iteration (over all scales) from which it held. */
export const SettingsChangeSchema = Type.Object(
  { iteration: Type.Integer({ minimum: 0 }), settings: PartialSettingsSchema },
  CLOSED,
);

export const RecipeSchema = Type.Object(
  {
    version: Type.Literal(1),
    inputs: Type.Object(
      { content: PictureRefSchema, styles: StylesSchema, initial: Type.Optional(PictureRefSchema) },
      CLOSED,
    ),
    settings: SettingsSchema,
    changes: Type.Array(SettingsChangeSchema),
    /** Iterations done; fewer than planned when it was stopped by hand. */
    iterations: Type.Integer({ minimum: 0 }),
    stopped: Type.Boolean(),
    resumed: Type.Boolean(),
    device: Type.String(),
    threads: Type.Integer({ minimum: 0 }),
    network: Type.Object({ name: Type.String(), sha256: Sha256Schema }, CLOSED),
    /** impasto, onnxruntime, node, platform. */
    versions: Type.Record(Type.String(), Type.String()),
  },
  CLOSED,
);

export type PictureRef = Static<typeof PictureRefSchema>;
export type StyleRef = Static<typeof StyleRefSchema>;
export type SettingsChange = Static<typeof SettingsChangeSchema>;
export type Recipe = Static<typeof RecipeSchema>;
