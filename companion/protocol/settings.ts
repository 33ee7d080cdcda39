// The one table of settings. Types, the panel's controls, the CLI's flags and help, the companion's
// validation and both engines derive from it; a default, a range or a label stands here and nowhere else.

import { ImpastoError } from "./errors.ts";
import { isLayer, LAYERS } from "./layers.ts";
import { MAX_PALETTE, parseColor } from "./palette.ts";
import { MAX_TERMS_LENGTH, readTerms } from "./terms.ts";

interface Described {
  label: string;
  help: string;
  /** Shown in the panel's first view (basic) or only on the command line (expert). */
  level: "basic" | "expert";
  /** May change while a job runs. */
  live?: boolean;
}
interface NumberSetting extends Described {
  kind: "number" | "integer";
  default: number | null;
  min: number;
  max: number;
  step: number;
  unit?: string;
}
interface ChoiceSetting extends Described {
  kind: "choice";
  default: string | null;
  choices: readonly string[];
}
/** A sum of losses with weights (terms.ts). */
interface TermsSetting extends Described {
  kind: "terms";
  default: string;
  choices: readonly string[];
}
interface LayersSetting extends Described {
  kind: "layers";
  default: readonly string[];
}
interface NumbersSetting extends Described {
  kind: "numbers";
  default: null;
  min: number;
  max: number;
}
interface NameSetting extends Described {
  kind: "name";
  default: string | null;
}
/** "#rrggbb", several. */
interface ColorsSetting extends Described {
  kind: "colors";
  default: null;
}
/** By name a number or several. */
interface InputsSetting extends Described {
  kind: "inputs";
  default: null;
}
export type SettingDescription =
  | NumberSetting
  | ChoiceSetting
  | TermsSetting
  | LayersSetting
  | NumbersSetting
  | NameSetting
  | ColorsSetting
  | InputsSetting;

/** What can do the work; the setting knows `auto` beside them. */
export const DEVICE_KINDS = ["cpu", "webgpu", "coreml", "dml", "cuda"] as const;

/** `null` as a default means: decided by the engine (from quality, strength or the network file). */
export const SETTINGS = {
  quality: {
    kind: "choice",
    choices: ["quick", "draft", "standard", "fine"],
    default: "standard",
    label: "Quality",
    help: "How it is painted: quick, in one pass at the content's own size; standard, a quick picture that is polished at 512 px; draft and fine, optimized from the content at 256 px and at 1024 px on the long side.",
    level: "basic",
  },
  size: {
    kind: "integer",
    default: null,
    min: 32,
    max: 16_384,
    step: 1,
    unit: "px",
    label: "Size",
    help: "Long side of the result. Larger than the content only when given here.",
    level: "basic",
  },
  budget: {
    kind: "number",
    default: null,
    min: 1,
    max: 86_400,
    step: 1,
    unit: "s",
    label: "Time budget",
    help: "The best picture within this many seconds; overrides the iteration counts.",
    level: "expert",
  },
  strength: {
    kind: "number",
    default: 50,
    min: 0,
    max: 100,
    step: 1,
    unit: "%",
    label: "Strength",
    help: "How far the picture moves from the content towards the style; 0 leaves it unchanged.",
    level: "basic",
    live: true,
  },
  colors: {
    kind: "choice",
    choices: ["style", "keep", "keep-linear", "keep-histogram"],
    default: "style",
    label: "Colors",
    help: "Take the style's colors, or keep mine: only light and dark are restyled (keep), or the style is recolored first, by mean and covariance (keep-linear) or by histogram (keep-histogram).",
    level: "basic",
  },
  palette: {
    kind: "colors",
    default: null,
    label: "Palette",
    help: `Carries the result's colors onto one to ${MAX_PALETTE} of these, such as a brand's: #0b1d3a,#f2c14e,#edf6f9.`,
    level: "expert",
  },
  detail: {
    kind: "integer",
    default: 0,
    min: 0,
    max: 100,
    step: 1,
    unit: "%",
    label: "Detail",
    help: "How much of the content's fine lines is held to: railings, windows, lettering; 0 leaves them to the style.",
    level: "expert",
  },
  photoreal: {
    kind: "choice",
    choices: ["off", "guided", "matting"],
    default: "off",
    label: "Photoreal",
    help: "Edges and textures of the content, colors and light of the style: by a filter over the result (guided), or held to while painting (matting: slower, with the companion alone).",
    level: "expert",
  },
  photorealStrength: {
    kind: "number",
    default: 100,
    min: 0,
    max: 100,
    step: 1,
    unit: "%",
    label: "Photoreal strength",
    help: "How much of the photographic look; 0 leaves the painting as it is.",
    level: "expert",
  },
  styleScale: {
    kind: "number",
    default: 1,
    min: 0.1,
    max: 4,
    step: 0.05,
    label: "Stroke size",
    help: "Size of the style picture relative to the result: larger gives larger strokes.",
    level: "basic",
  },
  carry: {
    kind: "choice",
    choices: ["transport", "adain"],
    default: "transport",
    label: "Carry",
    help: "What a quick picture's detail takes of the style: means and covariances (transport), or each channel's mean and deviation alone (adain: milder, closer to the draft).",
    level: "expert",
  },
  carryShare: {
    kind: "number",
    default: null,
    min: 0,
    max: 2,
    step: 0.05,
    label: "Carry share",
    help: "How far a quick picture's detail goes towards what it takes of the style: 1 all the way, more beyond it; overrides strength.",
    level: "expert",
    live: true,
  },
  styleMix: {
    kind: "numbers",
    default: null,
    min: 0,
    max: 1e6,
    label: "Style mix",
    help: "Of a file with several learned styles: the share of each, in their order; 0,1 takes the second. The first alone where not given.",
    level: "expert",
  },
  seamless: {
    kind: "choice",
    choices: ["off", "horizontal", "vertical", "both"],
    default: "off",
    label: "Seamless",
    help: "Opposite sides of the result fit together, so that it can be repeated as a pattern.",
    level: "expert",
  },
  styleLayers: {
    kind: "layers",
    default: ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"],
    label: "Style layers",
    help: "Layers whose statistics are matched.",
    level: "expert",
  },
  contentLayers: {
    kind: "layers",
    default: ["relu4_2"],
    label: "Content layers",
    help: "Layers whose features hold the subject.",
    level: "expert",
  },
  styleLayerWeights: {
    kind: "numbers",
    default: null,
    min: 0,
    max: 1e6,
    label: "Style layer weights",
    help: "One weight for each style layer, in their order.",
    level: "expert",
    live: true,
  },
  contentLayerWeights: {
    kind: "numbers",
    default: null,
    min: 0,
    max: 1e6,
    label: "Content layer weights",
    help: "One weight for each content layer, in their order.",
    level: "expert",
    live: true,
  },
  contentWeight: {
    kind: "number",
    default: null,
    min: 0,
    max: 1e9,
    step: 0.001,
    label: "Content weight",
    help: "Sets the content loss's weight by hand; overrides strength.",
    level: "expert",
    live: true,
  },
  styleWeight: {
    kind: "number",
    default: null,
    min: 0,
    max: 1e9,
    step: 0.001,
    label: "Style weight",
    help: "Sets the style loss's weight by hand; overrides strength.",
    level: "expert",
    live: true,
  },
  tvWeight: {
    kind: "number",
    default: 4,
    min: 0,
    max: 1e6,
    step: 0.1,
    label: "Smoothness",
    help: "Weight of the total variation, which removes grain.",
    level: "expert",
    live: true,
  },
  tv: {
    kind: "choice",
    choices: ["l1", "l2", "9-point"],
    default: "l2",
    label: "Smoothness norm",
    help: "Form of the total variation.",
    level: "expert",
  },
  contentLoss: {
    kind: "terms",
    choices: ["features", "self-similarity", "laplacian"],
    default: "features",
    label: "Content terms",
    help: "What holds the subject: feature maps, how alike its parts are (freer in color and texture), edges (fine lines as well), or a sum such as features,laplacian:1.",
    level: "expert",
  },
  styleLoss: {
    kind: "terms",
    choices: [
      "gram",
      "gram-normalized",
      "w2",
      "bn",
      "mmd-linear",
      "mmd-gaussian",
      "sliced",
      "histogram",
      "nearest",
      "patches",
    ],
    default: "w2",
    label: "Style statistic",
    help: "What is compared: means and covariances (w2, gram, gram-normalized), means with or without deviations (bn, mmd-linear), whole distributions (mmd-gaussian), and with the companion alone features sorted along directions or by channel (sliced, histogram), or matched place by place (nearest, patches of 3 × 3); or a sum such as w2,histogram:0.3.",
    level: "expert",
  },
  pooling: {
    kind: "choice",
    choices: ["avg", "max"],
    default: null,
    label: "Pooling",
    help: "Average or max pooling; the network's own where not given.",
    level: "expert",
  },
  padding: {
    kind: "choice",
    choices: ["zero", "replicate", "reflect"],
    default: "replicate",
    label: "Padding",
    help: "What stands around the picture's border.",
    level: "expert",
  },
  init: {
    kind: "choice",
    choices: ["content", "noise", "style-colors", "image", "quick"],
    default: null,
    label: "Start from",
    help: "The first picture: the content, seeded noise, the content in the style's colors, a given image, or a quick picture. Where not given: standard starts from a quick picture where it can, the others from the content.",
    level: "expert",
  },
  seed: {
    kind: "integer",
    default: 0,
    min: 0,
    max: 4_294_967_295,
    step: 1,
    label: "Seed",
    help: "The same seed gives the same noise.",
    level: "expert",
  },
  optimizer: {
    kind: "choice",
    choices: ["lbfgs", "adam"],
    default: "lbfgs",
    label: "Optimizer",
    help: "L-BFGS or Adam.",
    level: "expert",
  },
  history: {
    kind: "integer",
    default: 10,
    min: 1,
    max: 100,
    step: 1,
    label: "L-BFGS history",
    help: "Correction pairs that L-BFGS remembers.",
    level: "expert",
  },
  stepSize: {
    kind: "number",
    default: 0.02,
    min: 1e-5,
    max: 1,
    step: 0.001,
    label: "Adam step size",
    help: "Adam's learning rate for pixels in 0 … 1.",
    level: "expert",
    live: true,
  },
  averaging: {
    kind: "number",
    default: 0,
    min: 0,
    max: 0.999,
    step: 0.01,
    label: "Averaging",
    help: "Decay of the average over iterates that is returned; 0 returns the best iterate.",
    level: "expert",
  },
  minScale: {
    kind: "integer",
    default: 128,
    min: 32,
    max: 4096,
    step: 1,
    unit: "px",
    label: "Coarsest scale",
    help: "Long side of the first scale of the coarse-to-fine schedule.",
    level: "expert",
  },
  firstIterations: {
    kind: "integer",
    default: null,
    min: 1,
    max: 100_000,
    step: 1,
    label: "Iterations at the coarsest scale",
    help: "Overrides the preset of the quality.",
    level: "expert",
  },
  middleIterations: {
    kind: "integer",
    default: null,
    min: 0,
    max: 100_000,
    step: 1,
    label: "Iterations between doublings",
    help: "Of a quick picture that has been doubled once and will be again; 0 leaves it to the detailer alone.",
    level: "expert",
  },
  iterations: {
    kind: "integer",
    default: null,
    min: 1,
    max: 100_000,
    step: 1,
    label: "Iterations at each further scale",
    help: "Overrides the preset of the quality.",
    level: "expert",
  },
  network: {
    kind: "name",
    default: "auto",
    label: "Network",
    help: "The VGG file: auto, or a name from `impasto networks list`.",
    level: "basic",
  },
  model: {
    kind: "name",
    default: null,
    label: "Model",
    help: "A network of others that is the style: a name from `impasto models list`.",
    level: "basic",
  },
  modelInput: {
    kind: "inputs",
    default: null,
    label: "Model inputs",
    help: "What the model is given beside the picture, as `impasto models show` lists it: style=3, or shares of its styles, style=0.5,0,0.5.",
    level: "basic",
  },
  modelTile: {
    kind: "integer",
    default: null,
    min: 8,
    max: 16_384,
    step: 1,
    unit: "px",
    label: "Model windows",
    help: "Long side of the windows in which the model paints; the whole picture where memory allows, where not given.",
    level: "expert",
  },
  device: {
    kind: "choice",
    choices: ["auto", ...DEVICE_KINDS],
    default: "auto",
    label: "Device",
    help: "Where the work is done.",
    level: "basic",
  },
  threads: {
    kind: "integer",
    default: null,
    min: 1,
    max: 256,
    step: 1,
    label: "Threads",
    help: "CPU threads; one per physical core where not given.",
    level: "expert",
  },
  memory: {
    kind: "number",
    default: null,
    min: 0.01,
    max: 4096,
    step: 0.5,
    unit: "GB",
    label: "Memory",
    help: "The most that a run may take; larger pictures are worked at in tiles. What the machine has free where not given.",
    level: "expert",
  },
} as const satisfies Record<string, SettingDescription>;

/** Style losses that sort features or look for what is most alike: the panel's own engine has no way to. */
const NATIVE_LOSSES = ["sliced", "histogram", "nearest", "patches"] as const;
export type NativeLoss = (typeof NATIVE_LOSSES)[number];
export const isNative = (loss: StyleLoss): loss is NativeLoss => NATIVE_LOSSES.some((native) => native === loss);

export type ContentLoss = (typeof SETTINGS.contentLoss.choices)[number];
export type StyleLoss = (typeof SETTINGS.styleLoss.choices)[number];

export type SettingName = keyof typeof SETTINGS;
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

type Value<D> = D extends { kind: "choice"; choices: readonly (infer C)[]; default: infer V }
  ? V extends null
    ? C | null
    : C
  : D extends { kind: "number" | "integer"; default: infer V }
    ? V extends null
      ? number | null
      : number
    : D extends { kind: "layers" }
      ? readonly string[]
      : D extends { kind: "numbers" }
        ? readonly number[] | null
        : D extends { kind: "colors" }
          ? readonly string[] | null
          : D extends { kind: "inputs" }
            ? ModelInputs | null
            : D extends { default: null }
              ? string | null
              : string;

/** By name: a number, or several. */
export type ModelInputs = Readonly<Record<string, number | readonly number[]>>;

/** Every setting with a value; what an engine receives. */
export type Settings = { [K in SettingName]: Value<(typeof SETTINGS)[K]> };

/**
 * The ways to paint: `optimize` descends on the objective, coarse to fine; `quick` enlarges a draft in one pass and
 * descends from there, where it polishes at all.
 */
export const METHODS = ["optimize", "quick"] as const;
export type Method = (typeof METHODS)[number];

interface QualityPreset {
  /** Where nothing else is asked for: protocol/way.ts. */
  method: Method;
  /** Long side of the result, px, where the content has as much. */
  size: number;
  /** At the coarsest scale. */
  firstIterations: number;
  /** At each further scale. */
  iterations: number;
  /** After a quick picture, at its size. */
  polish: number;
}

/** Of a quick picture's draft. */
export const DRAFT_ITERATIONS = 10;
/** Of a quick picture that has been doubled once and will be again (test/bench/RESULTS.md). */
export const MIDDLE_ITERATIONS = 7;

export const QUALITIES = {
  quick: { method: "quick", size: 2048, firstIterations: 80, iterations: 40, polish: 0 },
  draft: { method: "optimize", size: 256, firstIterations: 80, iterations: 40, polish: 10 },
  standard: { method: "optimize", size: 512, firstIterations: 120, iterations: 60, polish: 20 },
  fine: { method: "optimize", size: 1024, firstIterations: 160, iterations: 80, polish: 60 },
} as const satisfies Record<Settings["quality"], QualityPreset>;

/** What to offer where an engine knows these methods. */
export function qualitiesOf(methods: readonly Method[]): Settings["quality"][] {
  return SETTINGS.quality.choices.filter((quality) => methods.includes(QUALITIES[quality].method));
}

export const DEFAULT_SETTINGS: Settings = Object.fromEntries(
  SETTING_NAMES.map((name) => [name, SETTINGS[name].default]),
) as unknown as Settings;

/**
 * Checks what came from outside and fills in the defaults.
 * Throws ImpastoError("bad-setting") that names the setting, what was expected and what came.
 */
export function parseSettings(input: unknown): Settings {
  return { ...DEFAULT_SETTINGS, ...parsePartialSettings(input) };
}

/** Like parseSettings, without the defaults: for changes to a running job. */
export function parsePartialSettings(input: unknown): Partial<Settings> {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new ImpastoError("bad-setting", `Expected an object of settings but received ${show(input)}.`);
  }
  const settings: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    if (!Object.hasOwn(SETTINGS, name)) {
      throw new ImpastoError("bad-setting", `There is no setting named ${JSON.stringify(name)}.`, {
        hint: `Settings are: ${SETTING_NAMES.join(", ")}.`,
      });
    }
    if (value !== undefined) settings[name] = checkSetting(name as SettingName, value);
  }
  return settings as Partial<Settings>;
}

function checkSetting(name: SettingName, value: unknown): unknown {
  const description: SettingDescription = SETTINGS[name];
  if (value === null && description.default === null) return value;
  switch (description.kind) {
    case "choice":
      if (typeof value === "string" && description.choices.includes(value)) return value;
      throw unexpected(name, `one of ${description.choices.join(", ")}`, value);
    case "terms": {
      const expected = `one of ${description.choices.join(", ")}, or a sum of them,`;
      if (typeof value !== "string" || value.length > MAX_TERMS_LENGTH) throw unexpected(name, expected, value);
      const terms = readTerms(value, description.choices);
      if ("wrong" in terms) throw unexpected(name, terms.wrong, value);
      return value;
    }
    case "number":
    case "integer": {
      const { min, max, kind } = description;
      const fits = typeof value === "number" && value >= min && value <= max;
      if (fits && (kind === "number" || Number.isInteger(value))) return value;
      throw unexpected(name, `${kind === "integer" ? "a whole number" : "a number"} from ${min} to ${max}`, value);
    }
    case "layers": {
      const fits = Array.isArray(value) && value.length > 0 && value.every((x) => typeof x === "string" && isLayer(x));
      if (fits && new Set(value).size === value.length) return value;
      throw unexpected(name, `a list of different layers from ${LAYERS[0]} … ${LAYERS.at(-1)}`, value);
    }
    case "numbers": {
      const { min, max } = description;
      const fits = Array.isArray(value) && value.every((x) => typeof x === "number" && x >= min && x <= max);
      if (fits) return value;
      throw unexpected(name, `a list of numbers from ${min} to ${max}`, value);
    }
    case "colors": {
      const fits = Array.isArray(value) && value.length > 0 && value.length <= MAX_PALETTE;
      if (fits && value.every((x) => typeof x === "string" && parseColor(x) !== null)) return value;
      throw unexpected(name, `one to ${MAX_PALETTE} colors like #1a2b3c`, value);
    }
    case "name":
      if (typeof value === "string" && value.length > 0 && value.length <= 4096) return value;
      throw unexpected(name, "a name", value);
    case "inputs":
      if (isInputs(value)) return value;
      throw unexpected(name, "names with one number or several", value);
  }
}

function isInputs(value: unknown): value is ModelInputs {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const entries: [string, unknown][] = Object.entries(value);
  const isNumber = (x: unknown) => typeof x === "number" && Number.isFinite(x);
  return (
    entries.length <= MAX_INPUTS &&
    entries.every(
      ([key, x]) =>
        key.length > 0 &&
        key.length <= MAX_INPUT_NAME &&
        (isNumber(x) || (Array.isArray(x) && x.length <= MAX_INPUT_NUMBERS && x.every(isNumber))),
    )
  );
}

/** More than any network takes. */
export const MAX_INPUTS = 16;
export const MAX_INPUT_NAME = 256;
export const MAX_INPUT_NUMBERS = 1024;

function unexpected(name: SettingName, expected: string, value: unknown): ImpastoError {
  return new ImpastoError("bad-setting", `Expected ${expected} for ${name} but received ${show(value)}.`);
}

function show(value: unknown): string {
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
