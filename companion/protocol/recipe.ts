// What a result was made from and how: enough to make it again. It stands in the job and, as JSON, in the
// result's PNG (iTXt, keyword impasto). The same bytes are promised for the recorded device, threads
// and machine, and not for a run that was resumed from a checkpoint.

import { type Static, Type } from "typebox";
import { DescriptorSchema, ModelNameSchema } from "./models.ts";
import { isRecord } from "./parsing.ts";
import { PICTURES, upgradePictures } from "./request-schema.ts";
import { CLOSED, PartialSettingsSchema, SettingsSchema, Sha256Schema } from "./schemas.ts";
import { DEFAULT_SETTINGS, parseSettings, type Settings } from "./settings.ts";
import { fromVersion2, fromVersion3 } from "./strength.ts";
import { wayOf } from "./way.ts";

/**
 * 1: before there were regions, with styles as upgradePictures() knows them. 2: strength meant less to quick pictures, and
 * their drafts had EARLY_DRAFT updates. 3: the same of all that begin with a quick picture, their drafts had LONG_DRAFT
 * updates, and nothing went over what had been doubled once.
 */
export const RECIPE_VERSION = 4;
const EARLY_DRAFT = 20;
const LONG_DRAFT = 15;

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
  if (version === 2) return upgradeRecipe({ ...value, version: 3, ...withSettings(value, fromQuick2) });
  const recipe = version === 3 ? { ...value, version: RECIPE_VERSION, ...withSettings(value, from3) } : value;
  // Settings that came later, at what they were when there was no choice.
  const settings = "settings" in recipe && isRecord(recipe.settings) ? recipe.settings : null;
  return settings === null ? recipe : { ...recipe, settings: { ...DEFAULT_SETTINGS, ...settings } };
}

type Words = Record<string, unknown>;

/** What the strength of settings and changes of settings has become, and what else is said in settings since. */
interface Since {
  ofStrength(strength: number): Words;
  others(settings: Words): Words;
}

/** Settings and changes that say today what they said; `since` tells how, and null that they say the same. */
function withSettings(recipe: object, since: (settings: Words) => Since | null): object {
  if (!("settings" in recipe) || !isRecord(recipe.settings)) return {};
  const { settings } = recipe;
  const told = since(settings);
  if (told === null) return {};
  const changes = "changes" in recipe && Array.isArray(recipe.changes) ? recipe.changes : [];
  const renewed = (old: Words) => ({ ...old, ...(typeof old.strength === "number" && told.ofStrength(old.strength)) });
  return {
    settings: { ...renewed(settings), ...told.others(settings) },
    changes: changes.map((change: unknown) =>
      isRecord(change) && isRecord(change.settings) ? { ...change, settings: renewed(change.settings) } : change,
    ),
  };
}

function fromQuick2({ quality }: Words): Since | null {
  if (quality !== "quick") return null;
  return {
    ofStrength: (strength) => ({ strength: fromVersion2(strength) }),
    others: ({ firstIterations }) => ({ firstIterations: firstIterations ?? EARLY_DRAFT }),
  };
}

function from3(words: Words): Since | null {
  const settings = understood(words);
  if (settings === null || wayOf(settings) !== "quick") return null;
  return {
    ofStrength: fromVersion3,
    others: ({ firstIterations }) => ({
      firstIterations: firstIterations ?? LONG_DRAFT,
      middleIterations: 0,
      // Iterations by hand ask for the whole optimization where nothing else is said.
      ...(settings.quality !== "quick" && { init: "quick" }),
    }),
  };
}

/** Null: words that are refused where the whole recipe is checked. */
function understood(words: Words): Settings | null {
  try {
    return parseSettings(words);
  } catch {
    return null;
  }
}
