// Every word that the panel shows. For designers: what happened, and the one thing to do next.

import { type Consistency, evennessWords, isUneven, spreadWords } from "../companion/protocol/consistency.ts";
import type { ErrorBody } from "../companion/protocol/errors.ts";
import { MAX_PARTS } from "../companion/protocol/host/layer-types.ts";
import type { Role } from "../companion/protocol/host/roles.ts";
import { SETTINGS } from "../companion/protocol/settings.ts";
import type { StyleUse } from "../companion/protocol/style-uses.ts";
import type { FrameScope } from "./host.ts";
import type { BatchWay } from "./state/batch-cells.ts";
import type { BatchRow } from "./state/batch-rows.ts";
import type { ExploreCell } from "./state/explore-grid.ts";
import type { ExploreState } from "./state/explore-painter.ts";
import type { InputProblem } from "./state/input-problem.ts";
import type { LinkState } from "./state/link.ts";
import type { LiveState } from "./state/live-preview.ts";
import type { StoredStyle } from "./state/stored-styles.ts";

export const TEXTS = {
  tabs: { stylize: "Stylize", batch: "Batch", settings: "Settings" },
  content: "Content",
  style: "Style",
  noContent: "Select a layer",
  noStyle: "Select a second layer",
  noStyleStored: "Select a second layer, or pick a style",
  swap: "Swap content and style",
  layers: "Layers",
  roleOf: (name: string) => `What “${name}” is for`,
  keepText: "Keep text",
  keepTextHint: "Sharp and editable, above the result",
  pickStyle: "Pick a style",
  styleSheetTitle: "Styles",
  styleSheetLearned: "Learned",
  styleSheetRecent: "Used before",
  styleSheetSamples: "Samples",
  styleSheetEmpty: "Styles that you use will wait here.",
  useSelectedLayer: "Use the selected layer",
  close: "Close",
  strength: "Strength",
  colors: "Colors",
  colorChoices: { style: "From style", keep: "Keep mine" },
  keepColorsBy: "Kept by",
  keepChoices: {
    keep: "Painting light and dark alone",
    "keep-linear": "Recoloring the style",
    "keep-histogram": "Recoloring it, tone by tone",
  },
  quality: "Quality",
  phases: {
    draft: "draft",
    detail: "adding detail",
    polish: "polishing",
    model: "painting",
    prepare: "preparing",
    learn: "learning",
  },
  qualityChoices: { quick: "Quick", draft: "Draft", standard: "Standard", fine: "Fine" },
  size: "Size",
  strokes: "Strokes",
  auto: "Auto",
  moreSettings: "More settings",
  preset: "Preset",
  presetDefaults: "Impasto's own",
  presetChanged: "Changed",
  palette: "Palette",
  palettePlaceholder: "#0b1d3a #f2c14e",
  detail: "Detail",
  variation: "Variation",
  contentLoss: "Keep",
  contentLosses: {
    features: "The subject",
    "features,laplacian:2": "The subject and fine lines",
    laplacian: "Lines alone",
    "self-similarity": "The layout",
  },
  styleLoss: "Take",
  styleLosses: {
    w2: "The whole look",
    "w2,histogram:0.3": "The look, in its exact tones",
    bn: "Tones and contrasts",
    sliced: "Textures, finely",
    nearest: "What is most alike",
    "w2,patches:0.5": "The look and its motifs",
  },
  lossOfPreset: "As the preset says",
  carry: "Quick take",
  carries: { transport: "The whole look", adain: "Tones alone (AdaIN)" },
  seamless: "Seamless",
  seamlessChoices: { off: "Off", horizontal: "Left to right", vertical: "Top to bottom", both: "Both ways" },
  photoreal: "Photoreal",
  photorealChoices: { off: "Off", guided: "When it is done", matting: "While painting" },
  photorealStrength: "How much",
  onCanvas: "Paint in place",
  onCanvasHint: "The picture so far as a layer",
  withCompanion: (choice: string) => `${choice} (with the companion)`,
  stylize: "Stylize",
  stylizeAt: (size: number) => `Stylize at ${size} px`,
  restyle: "Restyle",
  preparing: (done: number, all: number) => `Reading layers, ${done} of ${all}`,
  painting: "Painting",
  waiting: "Waiting for another job",
  starting: "Getting ready",
  paused: "Paused",
  pausedDisk: "Paused: the disk is full",
  lostRun: "Goes on by itself when the companion is back.",
  pause: "Pause",
  resume: "Resume",
  cancel: "Cancel",
  useNow: "Use this one now",
  loss: "Loss",
  compare: (first: string, second: string) => `Compare: ${first} and ${second}`,
  original: "Original",
  result: "Result",
  livePreview: "The picture so far",
  live: "Live preview",
  preview: "Preview",
  paintingPreview: "Painting a preview",
  explore: "Explore",
  history: "History",
  historyBegin: "Paint one",
  historyBatchEmpty: "Its pictures have made room for newer ones.",
  historyEmpty: "Pictures that you paint wait here, with their settings.",
  historyLoading: "Asking the companion",
  newest: "Newest",
  older: "Older ones",
  more: "More",
  openBatch: "Open",
  batchResults: (count: number) => (count === 1 ? "1 result" : `${count} results`),
  insertAgain: "Insert",
  vary: "Vary",
  variations: "Variations",
  grids: { strokes: "Strokes", layers: "Forms", styles: "Styles" },
  gridHints: {
    strokes: "Stronger row by row, larger strokes to the right.",
    layers: "Stronger row by row, larger forms of the style to the right.",
    styles: "Stronger row by row, each column another style.",
  },
  texture: "Texture",
  textureFromStyle: "Texture from this style…",
  noTextureStyle: "Select a layer or pick a style",
  surfaceWidth: "Width",
  surfaceHeight: "Height",
  tile: "Tile",
  textureHint: "The tile is painted in the style’s manner, with no subject, and repeats without a seam.",
  paintTexture: "Paint texture",
  textureDone: "It repeats without a seam, at any size.",
  insertTexture: "Insert texture",
  keys: {
    title: "Keyboard",
    canvas: "On the canvas",
    everywhere: [
      ["Enter", "The blue button"],
      ["Esc", "Back, cancel, close"],
      ["Ctrl or ⌘ Z", "Undo"],
      ["← →", "Tabs, sliders, choices"],
      ["↑ ↓", "From row to row, on its buttons"],
    ],
    where: "Where it goes",
    variation: "Stylize one",
    swap: "Swap",
    texture: "Texture",
    pause: "Pause, stop",
    insert: "Insert",
    bringIn: "Bring in a style",
    chooseFolder: "Choose pictures",
    getNetwork: "Get the network",
    keep: "Keep the style",
  },
  repaint: "Repaint",
  stale: (count: number) =>
    count === 1 ? "1 result is older than its layers." : `${count} results are older than their layers.`,
  repainting: (at: number, count: number, done: string) => `Repainting ${at} of ${count}, ${done}`,
  manageStyles: "Your styles…",
  yourStyles: "Your styles",
  shelfHint: "Kept styles bring their settings. What was only used makes room in time.",
  bringIn: "Bring in…",
  keepStyle: (name: string) => `Keep “${shorten(name, 18)}”`,
  useStyle: (name: string) => `Use “${name}”`,
  nameOf: (name: string) => `Name of “${name}”`,
  saveStyle: (name: string) => `Save “${name}” as a file`,
  removeStyle: (name: string) => `Remove “${name}”`,
  models: "Models",
  addModel: "Add a model…",
  modelsHint: "Networks of others that paint a picture in one pass, as ONNX files. Choose one, or drop it here.",
  chooseModel: "Choose a file…",
  modelSending: "Sending",
  modelTrying: "Looking through it and trying it",
  tryAnother: "Try another file.",
  modelFound: (name: string) => `“${name}” is in. Does this look right?`,
  modelTried: "found by trying",
  modelUse: "Use it",
  removeModel: (name: string) => `Remove the model “${name}”`,
  useModel: (name: string) => `Use the model “${name}”`,
  model: "Model",
  noModel: "None: Impasto paints",
  modelGone: (name: string) => `${name} (not here)`,
  modelMix: "A mix",
  mixOf: "Mix",
  takeSettings: "Use settings",
  insertAll: "Insert all",
  sheetName: (content: string) => `${content} / variations`,
  stop: "Stop",
  goOn: "Go on",
  insert: "Insert above original",
  inserting: "Inserting",
  inserted: "Inserted",
  show: "Show",
  undo: "Undo",
  download: "Download",
  again: "Change settings",
  tweakHint: "Move Strength to go on from here.",
  continueInPanel: "Continue in this panel",
  useCompanion: "Use the companion",
  tryAgain: "Try again",
  back: "Back",
  batchNoStyle: "No style yet",
  batchNoStyleHint: "Select one, or pick it under Stylize",
  batchFrom: "Frames",
  batchScopes: {
    selection: "Selection",
    page: "Page",
    "all-pages": "All pages",
    folder: "Folder",
  } satisfies Record<FrameScope, string>,
  chooseFolder: "Choose pictures…",
  batchEmpty: {
    selection: "Select the frames that should get this style.",
    page: "There are no frames on this page.",
    "all-pages": "There are no frames in this file.",
    folder: "Choose the pictures that should get this style.",
  } satisfies Record<FrameScope, string>,
  batchQuick: "Quick",
  batchQuickHint: (most: number) => `More than ${most} results: seconds each.`,
  batchStyles: "Styles",
  batchWays: { each: "All on each", turn: "One each" } satisfies Record<BatchWay, string>,
  batchStyleOf: (name: string) => `Style of ${name}`,
  batchStrengthOf: (name: string) => `Another strength for ${name}`,
  batchPaintAgain: "Paint again",
  batchEvenness: (evenness: Consistency, style: string | null, oddest: string) =>
    [
      `${style === null ? "" : `${style}: `}${evennessWords(evenness)}.`,
      ...(isUneven(evenness) ? [`“${shorten(oddest, 24)}” stands out.`] : []),
    ].join(" "),
  batchSpread: (evenness: Consistency) =>
    [
      `Distance from the style ${evenness.mean.toFixed(2)} on average, ${spreadWords(evenness)}.`,
      ...(isUneven(evenness) ? ["Another strength may bring the one that stands out closer."] : []),
    ].join(" "),
  batchPaint: (count: number) => `Paint ${count} results`,
  batchAnimation: "As animation",
  batchAnimationHint: "Quick, by name, without flicker",
  learn: (styles: number) => (styles > 1 ? `Learn these ${styles} styles` : "Learn this style"),
  learnHint:
    "On some of these frames, so that quick pictures come closer to it. The companion does it, beside other work.",
  learnMinutes: "Minutes",
  learnInto: "Add to",
  learnNewFile: "A new file",
  learnOwn: "Its own",
  learnOwnKinds: {
    filters: "All of the network: closest",
    cin: "Tones and contrasts (CIN)",
    stylebank: "A bank of filters (StyleBank)",
  },
  learnReading: (done: number, all: number) => `Reading frames, ${done} of ${all}`,
  learnPreparing: (done: number, all: number) => `Drafts, ${done} of ${all}`,
  learnSteps: (steps: number) => (steps === 1 ? "1 step" : `${steps} steps`),
  learnPreview: "A piece of a frame, as it would be painted now",
  learnDone: (before: number, after: number, styles: number) =>
    `Learned: ${Math.round(100 * (1 - after / Math.max(before, 1e-6)))} % closer. ` +
    (styles > 1 ? "The first is the style now, and each is among the styles." : "It is the style now."),
  learnTake: "Use it",
  learnAgain: "Learn again",
  batchApply: (count: number) =>
    count === 0 ? "Apply" : count === 1 ? "Apply to 1 frame" : `Apply to ${count} frames`,
  batchLeftOut: (count: number) => (count === 1 ? "1 frame is left out." : `${count} frames are left out.`),
  batchInsert: (count: number) => (count === 1 ? "Insert 1 result" : `Insert ${count} results`),
  batchInsertOnPage: (count: number) => (count === 1 ? "Insert 1 on a new page" : `Insert ${count} on a new page`),
  batchWhere: "Where the results go",
  batchTarget: "Results",
  batchTargets: { originals: "With originals", page: "On a new page" },
  batchTargetHint: {
    originals: "Each right above its frame.",
    page: "Above copies of the frames. The originals’ pages stay as they are.",
  },
  batchSheetHint: {
    originals: "In one frame, beside the first original.",
    page: "In one frame. The originals’ pages stay as they are.",
  },
  batchDownload: (count: number) => (count === 1 ? "Add 1 result" : `Add ${count} results`),
  batchNew: "New batch",
  batchLeave: (count: number) => (count === 1 ? "Leave 1 result behind" : `Leave ${count} results behind`),
  batchAllInserted: "All results are inserted",
  remove: "Remove",
  retry: "Try again",
  skip: "Skip",
  settingsCompanion: "Companion",
  settingsPanels: "Other panels",
  connectPanel: "Connect a panel",
  connectHint: "Shows a code to type in Figma or Photopea.",
  codeGoodFor: (seconds: number) => `Type this code in the other panel. Good for ${seconds} s.`,
  unpair: "Unpair",
  settingsNetworks: "Networks",
  settingsDevice: "Works on",
  settingsCheck: "Check-up",
  settingsPrivacy: "Privacy",
  privacy: "Your pictures stay on this computer. Impasto sends nothing anywhere and counts nothing.",
  pairTitle: "Pairing code",
  pairPlaceholder: "K7QM-2XD9",
  pair: "Pair",
  pairHelp: "Open the companion’s page and press Connect to see the code.",
  pairing: "Checking the code",
  forget: "Unpair",
  howToStart: "How to start it",
  startDownloaded: "Downloaded? Open Impasto’s folder and double-click Impasto.",
  startFromSources: "From its sources? In a terminal, in their folder:",
  startCommand: "npm start",
  getFigmaPlugin: "Get the Figma plugin",
  openPhotopea: "Open Photopea with Impasto",
  copy: "Copy",
  copied: "Copied",
  check: "Check now",
  checking: "Checking",
  copyReport: "Copy report",
  getNetwork: "Get",
  networkStates: { embedded: "Built in", present: "Ready", missing: "Not downloaded" },
  networkAuto: "Best available",
  network: "Network",
  deviceAuto: "Fastest available",
  deviceUnusable: "not usable",
  panelDevice: "This panel",
  openSettings: "Open Settings",
} as const;

export interface Words {
  title: string;
  body: string;
}

export function inputProblemWords(problem: InputProblem): string {
  switch (problem.kind) {
    case "nothing-selected":
      return "Select two layers: a picture and a style.";
    case "style-missing":
      return "Select a second layer for its style, or pick a style.";
    case "too-many":
      return `${problem.count} layers are selected. Keep ${MAX_PARTS}, or use Batch.`;
    case "use-missing":
      return `No style is for ${USE_WORDS[problem.use].inWords}. Let one count as a whole.`;
    case "model-regions":
      return "A model that is the style paints the whole picture. Let no layer say where it goes.";
    case "use-empty":
      return `These settings take no ${USE_WORDS[problem.use].inWords} from a style. Choose another preset, or other layers.`;
    case "layer":
      return `“${shorten(problem.name, 24)}” ${problem.problem}.`;
    case "read-only":
      return problem.problem;
  }
}

/** Why there is no live preview; null when there is one, or none is to be said. */
export function liveWords(state: LiveState): string | null {
  switch (state.kind) {
    case "off":
    case "painting":
    case "shown":
      return null;
    case "unavailable":
      return LIVE_UNAVAILABLE[state.why];
    case "waiting":
      return "The live preview waits for other work.";
    case "failed":
      return `No live preview: ${state.error.message}`;
  }
}

/** What is kept with a style. */
export function keptWords({ kept, settings }: StoredStyle): string {
  if (!kept) return "Used before";
  const count = Object.keys(settings ?? {}).length;
  if (count === 0) return "Kept";
  return count === 1 ? "Kept with its strength" : `Kept with ${count} settings`;
}

/** How far the variations are, or why there are none. */
export function exploreWords(state: ExploreState, painted: number, all: number): string {
  switch (state.kind) {
    case "off":
      return "Waiting for the companion.";
    case "unavailable":
      return EXPLORE_UNAVAILABLE[state.why];
    case "stopped":
      return `Stopped at ${painted} of ${all}`;
    case "painting":
      return `Painting ${Math.min(painted + 1, all)} of ${all}`;
    case "waiting":
      return "Waits for other work";
    case "done":
      return `${painted} variations`;
    case "failed":
      return state.error.message;
  }
}

const EXPLORE_UNAVAILABLE = {
  companion: "Variations need the companion.",
  settings: "No variations of these settings.",
} as const;

/** What a cell of the variations is painted with. */
export function cellWords({ settings: { strength, styleScale, styleLayers }, styleName }: ExploreCell): string {
  return [
    ...(strength === undefined ? [] : [`Strength ${strength}`]),
    ...(styleScale === undefined ? [] : [`strokes ${styleScale}×`]),
    ...(styleLayers === undefined ? [] : [formsWords(styleLayers.length)]),
    ...(styleName === null ? [] : [styleName]),
  ].join(", ");
}

/** The same, under a small picture. */
export function shortCellWords({ settings: { strength, styleScale, styleLayers }, styleName }: ExploreCell): string {
  const forms = styleLayers && formsWords(styleLayers.length).replace(" forms", "");
  const size = styleScale === undefined ? forms : `${styleScale}×`;
  const second = styleName ?? size;
  return [strength, second].join(" · ");
}

/** Which forms the style's first layers take of it. */
function formsWords(layers: number): string {
  if (layers >= SETTINGS.styleLayers.default.length) return "all forms";
  return (["grain", "fine forms", "middle forms"] as const)[layers - 1] ?? `${layers} layers`;
}

const LIVE_UNAVAILABLE = {
  companion: "Live preview needs the companion.",
  settings: "No live preview of these settings.",
} as const;

export function stylesWords(count: number): string {
  return count === 1 ? "1 style" : `${count} styles`;
}

const USE_WORDS: Record<StyleUse, { short: string; inWords: string }> = {
  colors: { short: "colors", inWords: "colors and grain" },
  strokes: { short: "strokes", inWords: "strokes" },
  forms: { short: "large forms", inWords: "large forms" },
};

/** A style that counts in part; `number`: of the styles, from 1; null where it is none yet. */
export function useWords(use: StyleUse, number: number | null): string {
  return number === null ? `Style: ${USE_WORDS[use].inWords}` : `Style ${number}: ${USE_WORDS[use].short}`;
}

/** What a layer is for, in a list; `styles`: how many there are. */
export function roleWords(role: Role, styles: number): string {
  const style = "style" in role && styles > 1 ? `style ${role.style + 1}` : "the style";
  switch (role.kind) {
    case "content":
      return "Content";
    case "style":
      return "Style";
    case "region":
      return `Where ${style} goes`;
    case "source":
      return `Part of ${style} to use`;
    case "protect":
      return "Stays as it is";
    case "unused":
      return "Not used";
  }
}

/** Title, one sentence, and which button the notice gets first. "Continue in this panel" is always there too. */
export function linkWords(state: LinkState): (Words & { action: "start" | "pair" | "retry" | null }) | null {
  switch (state.kind) {
    case "ready":
    case "searching":
      return null;
    case "absent":
      return {
        title: "The companion isn’t running",
        body: "This panel paints meanwhile, only slower.",
        action: "start",
      };
    case "foreign":
      return {
        title: "Another program answers instead",
        body: `Something else uses port ${state.port}. Quit it, then start the companion again.`,
        action: "retry",
      };
    case "blocked":
      return {
        title: "Your browser blocks the companion",
        body: "It lets no page reach programs on this computer. The desktop app can.",
        action: null,
      };
    case "version":
      return state.companion === "older"
        ? { title: "The companion is too old", body: "Update the companion, then start it again.", action: "retry" }
        : { title: "This panel is too old", body: "Update the plugin, then open it again.", action: null };
    case "unpaired":
      return {
        title: "Pair with the companion",
        body: "Type the code that the companion shows. Once is enough.",
        action: "pair",
      };
    case "starting":
      return {
        title: "The companion is starting",
        body: `Looking at your graphics card, ${state.seconds} s so far.`,
        action: null,
      };
    case "lost":
      return {
        title: "The companion stopped answering",
        body: `Looking for it again, ${state.seconds} s so far. Work goes on when it is back.`,
        action: "start",
      };
  }
}

export type FailureAction = "retry" | "smaller" | "cpu" | "panel" | "settings" | "back";

/** Words for a run that failed, and the step that most likely helps. */
export function failureWords({ code, message, hint }: ErrorBody): Words & { action: FailureAction; label: string } {
  switch (code) {
    case "out-of-memory":
    case "gpu-out-of-memory":
      return {
        title: "Not enough memory for this size",
        body: hint ?? "A smaller size needs much less. Closing other programs helps too.",
        action: "smaller",
        label: "Try a smaller size",
      };
    case "gpu-lost":
      return {
        title: "The graphics card stopped answering",
        body: "It was reset by the system. The processor is slower and keeps going.",
        action: "cpu",
        label: "Go on with the processor",
      };
    case "disk-full":
      return {
        title: "The disk is full",
        body: hint ?? "Make room on the disk, then try again.",
        action: "retry",
        label: "Try again",
      };
    case "busy":
      return {
        title: "Busy with other work",
        body: hint ?? "Other work comes first. Wait a moment, then try again.",
        action: "retry",
        label: "Try again",
      };
    case "engine-crashed":
      return {
        title: "The work stopped unexpectedly",
        body: "The companion is fine and ready for another try.",
        action: "retry",
        label: "Try again",
      };
    case "companion-unreachable":
    case "blocked-by-browser":
      return {
        title: "The companion can’t be reached",
        body: hint ?? "Start it again, or continue without it.",
        action: "retry",
        label: "Try again",
      };
    case "unauthorized":
    case "pairing-closed":
    case "pairing-failed":
      return {
        title: "The pairing is no longer valid",
        body: hint ?? message,
        action: "settings",
        label: "Pair again",
      };
    case "network-missing":
    case "network-unknown":
    case "bad-network":
    case "layer-missing":
      return { title: message, body: hint ?? "Choose another network.", action: "settings", label: "Open Settings" };
    case "bad-picture":
    case "unsupported-picture":
    case "picture-too-large":
      return { title: message, body: hint ?? "Choose another layer.", action: "back", label: "Back" };
    default:
      return { title: message, body: hint ?? "Try once more.", action: "retry", label: "Try again" };
  }
}

/** For the narrow column of a list; the whole sentence is in the row's tooltip. */
const SHORT_FAILURES: Partial<Record<ErrorBody["code"], string>> = {
  "out-of-memory": "Too large",
  "gpu-out-of-memory": "Too large",
  "picture-too-large": "Too large",
  "gpu-lost": "Graphics card lost",
  "disk-full": "Disk full",
  "bad-picture": "Not readable",
  "unsupported-picture": "Not readable",
  "file-not-found": "Layer is gone",
  "not-found": "Layer is gone",
};

export function rowWords({ status, fraction, error, inserted, problem, width, height }: BatchRow): string {
  if (problem !== null) return shortProblem(problem);
  switch (status) {
    case "listed":
      return `${width} × ${height}`;
    case "reading":
      return "Reading";
    case "queued":
      return "Waiting";
    case "running":
      return `${Math.round(fraction * 100)} %`;
    case "paused":
      return "Paused";
    case "done":
      if (error !== null) return SHORT_FAILURES[error.code] ?? "Not inserted";
      return inserted ? "Inserted" : "Done";
    case "failed":
      return error === null ? "Failed" : (SHORT_FAILURES[error.code] ?? "Failed");
    case "cancelled":
      return "Cancelled";
    case "skipped":
      return "Skipped";
  }
}

/** "is hidden. Show it first" → "Hidden". */
function shortProblem(problem: string): string {
  const [first = problem] = problem.replace(/^is /, "").split(". ");
  return first.charAt(0).toUpperCase() + first.slice(1);
}

/** "About 12 s left": coarse on purpose, so that it does not flicker. */
export function duration(seconds: number): string {
  if (seconds < 1) return "1 s";
  if (seconds < 20) return `${Math.round(seconds)} s`;
  if (seconds < 90) return `${Math.round(seconds / 5) * 5} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export function bytes(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} GB`;
  if (count >= 1e6) return `${Math.round(count / 1e6)} MB`;
  return `${Math.max(1, Math.round(count / 1e3))} kB`;
}

export function percent(fraction: number): string {
  return `${Math.round(Math.min(1, Math.max(0, fraction)) * 100)} %`;
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
