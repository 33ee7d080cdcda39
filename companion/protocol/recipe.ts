// What a result was made from and how: enough to make it again. It stands in the job and, as JSON, in the
// result's PNG (iTXt, keyword impasto). The same bytes are promised for the recorded device, threads
// and machine, and not for a run that was resumed from a checkpoint.

import { type Static, Type } from "typebox";
import { DescriptorSchema, ModelNameSchema } from "./models.ts";
import { PICTURES, upgradePictures } from "./request-schema.ts";
import { isRecord } from "./parsing.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";
import { CLOSED, PartialSettingsSchema, SettingsSchema, Sha256Schema } from "./schemas.ts";
import { quickStrengthOf } from "./strength.ts";

/**
 * 1: before there were regions, with styles as upgradePictures() knows them. 2: strength meant less to quick pictures, and
 * their drafts had EARLY_DRAFT updates.
 */
export const RECIPE_VERSION = 3;
const EARLY_DRAFT = 20;

/** A change of live settings while the job ran, and the iteration (over all scales) from which it held. */
export const SettingsChangeSchema = Type.Object(
  { iteration: Type.Integer({ minimum: 0 }), settings: PartialSettingsSchema },
  CLOSED,
);

const NETWORK = Type.Object({ name: Type.String(), sha256: Sha256Schema }, CLOSED);

export const RecipeSchema = Type.Object(
  {
    version: Type.Literal(RECIPE_VERSION),
    inputs: Type.Object(PICTURES, CLOSED),
    settings: SettingsSchema,
    changes: Type.Array(SettingsChangeSchema),
    /** Iterations done; fewer than planned when it was stopped by hand. */
    iterations: Type.Integer({ minimum: 0 }),
    stopped: Type.Boolean(),
    resumed: Type.Boolean(),
    /** It took up the frame before it in a sequence, and cannot be made again alone. */
    follows: Type.Optional(Type.Literal(true)),
    device: Type.String(),
    threads: Type.Integer({ minimum: 0 }),
    /** Whose features were compared; none where a model painted. */
    network: Type.Optional(NETWORK),
    /** What painted drafts and details, where something did. */
    painter: Type.Optional(Type.Object({ network: NETWORK, detailer: NETWORK }, CLOSED)),
    /** The network of others that was the style, how it was fed, and the long side of its windows, px. */
    model: Type.Optional(
      Type.Object(
        {
          name: ModelNameSchema,
          sha256: Sha256Schema,
          styleSha256: Type.Union([Sha256Schema, Type.Null()]),
          descriptor: DescriptorSchema,
          tile: Type.Integer({ minimum: 1 }),
        },
        CLOSED,
      ),
    ),
    /** impasto, onnxruntime, node, platform. */
    versions: Type.Record(Type.String(), Type.String()),
  },
  CLOSED,
);

export type SettingsChange = Static<typeof SettingsChangeSchema>;
export type Recipe = Static<typeof RecipeSchema>;

/** A recipe of an older version in today's form; what is none stays as it is, for the schema to refuse. */
export function upgradeRecipe(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("version" in value) || !("inputs" in value)) return value;
  const { version } = value;
  if (version === 1) return upgradeRecipe({ ...value, version: 2, inputs: upgradePictures(value.inputs) });
  const recipe = version === 2 ? { ...value, version: RECIPE_VERSION, ...upgradeQuick(value) } : value;
  // Settings that came later, at what they were when there was no choice.
  const settings = "settings" in recipe && isRecord(recipe.settings) ? recipe.settings : null;
  return settings === null ? recipe : { ...recipe, settings: { ...DEFAULT_SETTINGS, ...settings } };
}

/** Settings and changes of a quick picture that say today what they said in version 2. */
function upgradeQuick(recipe: object): object {
  if (!("settings" in recipe) || !isRecord(recipe.settings) || recipe.settings.quality !== "quick") return {};
  const changes = "changes" in recipe && Array.isArray(recipe.changes) ? recipe.changes : [];
  return {
    settings: {
      ...withQuickStrength(recipe.settings),
      firstIterations: recipe.settings.firstIterations ?? EARLY_DRAFT,
    },
    changes: changes.map((change: unknown) =>
      isRecord(change) && isRecord(change.settings)
        ? { ...change, settings: withQuickStrength(change.settings) }
        : change,
    ),
  };
}

function withQuickStrength(settings: Record<string, unknown>): Record<string, unknown> {
  const { strength } = settings;
  return typeof strength === "number" ? { ...settings, strength: quickStrengthOf(strength) } : settings;
}
