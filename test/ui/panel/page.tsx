// The test's page: the real panel between a fake host and fake engines, and every state by name.

import "../../../ui/styles/index.css";
import { render } from "preact";
import { type ErrorCode, ImpastoError } from "../../../companion/protocol/errors.ts";
import { presetNamed } from "../../../companion/protocol/presets.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import type { EngineResult } from "../../../ui/engines/style-engine.ts";
import type { Layer, SourcePicture } from "../../../ui/host.ts";
import shipwreck from "../../../ui/hosts/web/samples/shipwreck.jpg";
import starryNight from "../../../ui/hosts/web/samples/starry-night.jpg";
import theScream from "../../../ui/hosts/web/samples/the-scream.jpg";
import tubingen from "../../../ui/hosts/web/samples/tubingen.jpg";
import { STUDIO_TEXTS } from "../../../ui/hosts/web/studio-texts.ts";
import { mountPanel } from "../../../ui/mount.tsx";
import { decode, encodeJpeg, fromCanvas } from "../../../ui/pictures.ts";
import type { LinkState } from "../../../ui/state/link.ts";
import type { Panel } from "../../../ui/state/panel.ts";
import {
  ARCHIVE_PAGE,
  createFakeEngine,
  createFakeLink,
  type FakeEngine,
  type FakeLink,
  type FakeSchool,
  type FakeShelf,
  fakeModel,
  fakeProgress,
} from "./fake-engine.ts";
import { createFakeHost, type FakeHost, fakeLayer } from "./fake-host.ts";
import type { ScenarioName } from "./scenario-names.ts";

const PICTURES = {
  photo: source(tubingen, "Neckarfront", 1024, 768),
  style: source(starryNight, "The Starry Night", 800, 634),
  scream: source(theScream, "The Scream", 628, 800),
  ship: source(shipwreck, "The Shipwreck", 800, 552),
};

function source(bytes: Uint8Array, name: string, width: number, height: number): SourcePicture {
  return { bytes, name, width, height };
}

interface Bench {
  root: HTMLElement;
  panel: Panel;
  host: FakeHost;
  link: FakeLink;
  engine: FakeEngine;
  panelEngine: FakeEngine;
}

/** Something that looks like a result: the photo under the style's colors. */
async function mix(share: number, width = 512, height = 384): Promise<OffscreenCanvas> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.drawImage(await decode(PICTURES.photo.bytes, "photo"), 0, 0, width, height);
  context.globalAlpha = share;
  context.globalCompositeOperation = "overlay";
  context.drawImage(await decode(PICTURES.style.bytes, "style"), 0, 0, width, height);
  context.globalCompositeOperation = "source-over";
  context.globalAlpha = share / 2;
  context.drawImage(await decode(PICTURES.style.bytes, "style"), 0, 0, width, height);
  return canvas;
}

const mixed = new Map<number, Promise<Uint8Array>>();

async function fakeResult(share = 0.9): Promise<EngineResult> {
  const encoded = mixed.get(share) ?? mix(share).then(async (canvas) => (await fromCanvas(canvas)).bytes);
  mixed.set(share, encoded);
  const bytes = await encoded;
  return { bytes, width: 512, height: 384, iterations: 360, seconds: 12.3, device: "Apple M2", stopped: false };
}

/** A layer that Impasto made. */
const RESULT = fakeLayer("made", PICTURES.photo, {
  name: "Neckarfront / The Starry Night",
  recipe: {
    version: 1,
    contentId: "photo",
    contentName: "Neckarfront",
    styleId: "style",
    styleName: "The Starry Night",
    styleKey: null,
    moreStyles: [],
    masks: [],
    keepText: false,
    settings: { strength: 70 },
  },
});

/** Three results whose layers were changed. */
async function withStale(): Promise<Bench> {
  const bench = await withPair(
    { kind: "ready" },
    {
      prepare(host) {
        host.stale = [RESULT, { ...RESULT, id: "second" }, { ...RESULT, id: "third" }];
      },
    },
  );
  await until(() => bench.panel.stale.results.value.length > 0);
  await settle();
  return bench;
}

const PHOTO_BOX = { x: 0, y: 0, width: 1024, height: 768 };

/** A layer of one shape, drawn into its own box. */
async function shapeLayer(id: string, name: string, draw: (context: OffscreenCanvasRenderingContext2D) => void) {
  const canvas = new OffscreenCanvas(256, 192);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.fillStyle = "#c2410c";
  draw(context);
  const blob = await canvas.convertToBlob({ type: "image/png" });
  const picture = source(new Uint8Array(await blob.arrayBuffer()), name, 256, 192);
  return fakeLayer(id, picture, { kind: "shape", box: { ...PHOTO_BOX, width: 512 } });
}

/** A selection of photo, painting, shapes and a heading; `ids` of them are selected. */
async function withRoles(ids: readonly string[], more: Partial<Layer> = {}, live = false): Promise<Bench> {
  const bench = open({ kind: "ready" }, { live });
  const { layers } = bench.host;
  layers[0] = fakeLayer("photo", PICTURES.photo, { box: PHOTO_BOX, ...more });
  const heading = await shapeLayer("heading", "Heading", (context) => {
    context.font = "bold 90px sans-serif";
    context.fillText("Salon", 4, 120);
  });
  layers.push(
    fakeLayer("scream", PICTURES.scream),
    await shapeLayer("sky", "Sky above the roofs", (context) => context.fillRect(0, 0, 256, 80)),
    await shapeLayer("river", "River", (context) => context.fillRect(0, 130, 256, 62)),
    await shapeLayer("logo", "Logo", (context) => {
      context.ellipse(128, 96, 70, 70, 0, 0, 7);
      context.fill();
    }),
    { ...heading, kind: "text" },
  );
  await settle();
  bench.panel.setSetting("quality", "draft");
  bench.host.select(ids);
  await settle(500);
  return bench;
}

/** As a release's page is built. */
async function withDownload(show: () => Promise<Bench>): Promise<Bench> {
  const meta = document.createElement("meta");
  meta.name = "impasto-downloads";
  meta.content = "https://example.org/releases/v0.2.0/Impasto-0.2.0";
  document.head.append(meta);
  const bench = await show();
  meta.remove();
  return bench;
}

function open(
  state: LinkState,
  options: { web?: boolean; live?: boolean; prepare?(host: FakeHost): void } = {},
): Bench {
  const engine = createFakeEngine("companion", "Apple M2");
  const panelEngine = createFakeEngine("panel", "This panel (WebGL, Apple M2)");
  const link = createFakeLink(engine, state);
  const frames = Array.from({ length: 12 }, (_, index) =>
    fakeLayer(`frame:${index}`, index % 3 === 1 ? PICTURES.ship : PICTURES.photo, {
      name: `Onboarding / ${index + 1}`,
      kind: "frame",
      width: 1440,
      height: 1024,
    }),
  );
  const layers = [fakeLayer("photo", PICTURES.photo), fakeLayer("style", PICTURES.style), ...frames];
  const samples = Object.values(PICTURES).map((picture) => ({ name: picture.name, load: async () => picture }));
  const host = createFakeHost(layers, {
    ...(options.web && {
      kind: "web" as const,
      capabilities: {
        results: "both" as const,
        undo: true,
        keepsPictures: false,
        canvasPreview: "always" as const,
        keys: STUDIO_TEXTS.keys,
        sheets: "picture" as const,
        scopes: ["folder" as const],
        samples,
      },
    }),
  });
  host.storage.set("impasto.preferences.v1", { live: options.live === true });
  options.prepare?.(host);
  // One page shows one state after the other: loading it anew each time takes longer than all the rest.
  const root = document.createElement("div");
  document.getElementById("root")?.replaceChildren(root);
  const bench = { root, panel: mountPanel(root, { host, link, panelEngine }), host, link, engine, panelEngine };
  latest = bench;
  Object.assign(window, { bench });
  return bench;
}

let latest: Bench | null = null;

const settle = (ms = 60) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 200) throw new Error("the state was not reached");
    await settle(10);
  }
}

async function withPair(
  state: LinkState = { kind: "ready" },
  options: Parameters<typeof open>[1] = {},
): Promise<Bench> {
  const bench = open(state, options);
  await settle();
  bench.host.select(["photo", "style"]);
  await settle(500);
  return bench;
}

async function running(at = 170, state: LinkState = { kind: "ready" }): Promise<Bench> {
  const bench = await withPair(state);
  void bench.panel.run.start();
  const engine = state.kind === "ready" ? bench.engine : bench.panelEngine;
  await until(() => engine.runs.length > 0);
  const run = engine.runs[0] as FakeEngine["runs"][number];
  run.listeners.onState?.("running");
  for (let i = 4; i <= at; i += 4) run.listeners.onProgress?.(fakeProgress(i));
  run.listeners.onPreview?.((await mix(0.7)).transferToImageBitmap());
  await settle();
  return bench;
}

async function done(): Promise<Bench> {
  const bench = await running(356);
  bench.engine.runs[0]?.finish(await fakeResult());
  await until(() => bench.panel.run.phase.value === "done");
  await settle(100);
  return bench;
}

async function failed(code: ErrorCode, message = "It did not work."): Promise<Bench> {
  const bench = await running(120);
  bench.engine.runs[0]?.fail(new ImpastoError(code, message));
  await until(() => bench.panel.run.phase.value === "failed");
  return bench;
}

async function batchListed(): Promise<Bench> {
  const bench = await withPair();
  bench.panel.selectTab("batch");
  await bench.panel.batch.list("page");
  await settle(100);
  return bench;
}

async function batchMatrix(): Promise<Bench> {
  const bench = await batchListed();
  bench.host.layers.push(fakeLayer("scream", PICTURES.scream), fakeLayer("ship", PICTURES.ship));
  bench.host.select(["photo", "style", "scream", "ship"]);
  await bench.panel.batch.list("page");
  await settle(200);
  return bench;
}

async function batchMatrixDone(): Promise<Bench> {
  const bench = await batchMatrix();
  await bench.panel.batch.start();
  const { listeners } = bench.engine.batches[0] as FakeEngine["batches"][number];
  for (let index = 0; index < 36; index++) {
    const styleDistance = index === 30 ? 0.6 : 0.2 + 0.01 * (index % 5);
    listeners.onFrame({ index, state: "done", fraction: 1, error: null, styleDistance });
  }
  listeners.onState("done", null);
  await settle(200);
  return bench;
}

async function batchRunning(): Promise<Bench> {
  const bench = await batchListed();
  await bench.panel.batch.start();
  const { listeners } = bench.engine.batches[0] as FakeEngine["batches"][number];
  bench.engine.batchResult = await fakeResult();
  const states = ["done", "done", "done", "failed", "done", "skipped", "running"] as const;
  for (let index = 0; index < 12; index++) {
    const state = states[index] ?? "queued";
    const error = state === "failed" ? { code: "out-of-memory" as const, message: "Too large." } : null;
    listeners.onFrame({ index, state, fraction: state === "running" ? 0.43 : 0, error });
  }
  listeners.onState("running", 95);
  await settle(100);
  return bench;
}

async function batchDone(): Promise<Bench> {
  const bench = await batchRunning();
  const { listeners } = bench.engine.batches[0] as FakeEngine["batches"][number];
  for (let index = 0; index < 12; index++) {
    if (index !== 3) listeners.onFrame({ index, state: "done", fraction: 1, error: null });
  }
  listeners.onState("done", null);
  await settle();
  return bench;
}

async function settingsOpen(state: LinkState): Promise<Bench> {
  const bench = open(state);
  await settle();
  bench.panel.selectTab("settings");
  await settle();
  return bench;
}

/** Answers the live picture that was asked for, and the sharper one that is asked for after it where there is one. */
async function showLive(bench: Bench, share = 0.9): Promise<Bench> {
  await until(() => bench.engine.lives.length > 0);
  const { bytes, width, height } = await fakeResult(share);
  for (let steps = 0; steps < 2; steps++) {
    bench.engine.lives.at(-1)?.show({ bytes, width, height });
    await settle();
  }
  await settle(100);
  return bench;
}

/** Answers as many variations, one after the other, from the one that is asked for now. */
async function answerVariations({ engine }: Bench, count: number): Promise<void> {
  await until(() => engine.lives.length > 0);
  const first = engine.lives.length;
  for (let cell = 0; cell < count; cell++) {
    await until(() => engine.lives.length === first + cell);
    const { bytes, width, height } = await fakeResult(0.2 + 0.09 * cell);
    engine.lives.at(-1)?.show({ bytes, width, height });
  }
  await settle(200);
}

async function withKeys(web: boolean): Promise<Bench> {
  const bench = await withPair({ kind: "ready" }, { web });
  bench.panel.showingKeys.value = true;
  await settle(100);
  return bench;
}

/** Eight pictures that the companion keeps; `same`: of the same photo. */
async function withHistory(chosen?: string, same = false): Promise<Bench> {
  const bench = await withPair({ kind: "ready" }, same ? { web: true } : {});
  const archive = bench.engine.archive as NonNullable<FakeEngine["archive"]>;
  for (let index = 0; index < 8; index++) {
    const { bytes, width, height } = await fakeResult(0.2 + 0.1 * index);
    const result = {
      id: `kept-${index}`,
      at: index < 2 ? Date.now() - 60_000 * index : Date.UTC(2026, 5, 12 - index, 9, 41),
      contentName: index % 2 === 0 || same ? "Neckarfront" : "Onboarding, the first screen of seven",
      styleName: "The Starry Night",
      styleHash: null,
      ...{ width, height },
      settings: {
        ...DEFAULT_SETTINGS,
        ...{ strength: 90 - 10 * index, quality: "fine" as const, styleScale: 1.5, detail: 30, seed: 7 },
      },
    };
    archive.kept.push({ result, bytes });
  }
  const [, second, ...others] = archive.kept;
  if (second !== undefined) {
    const frames = others.map(({ result }, index) => ({ ...result, contentName: `Onboarding / ${index + 1}` }));
    archive.batches.set("batch", frames);
    archive.kept[1] = { ...second, result: { ...second.result, batch: { id: "batch", results: frames.length } } };
  }
  bench.panel.history.open();
  await until(() => bench.panel.history.thumbnails.value.size === ARCHIVE_PAGE);
  if (chosen !== undefined) await bench.panel.history.choose(chosen);
  await settle(200);
  return bench;
}

const MANY_STYLES = {
  kind: "weights" as const,
  tensor: "style_weights",
  labels: Array.from({ length: 26 }, (_, index) => `Style ${index}`),
};

async function withModels(): Promise<Bench> {
  const bench = await withPair();
  const strength = { kind: "number" as const, tensor: "alpha", label: "alpha", min: 0, max: 1, default: 1 };
  const { content } = fakeModel("any").descriptor;
  (bench.engine.models as FakeShelf).there = [
    fakeModel("any-style", { style: content, controls: [strength], license: "Apache-2.0" }),
    fakeModel("mosaic"),
    fakeModel("twenty-six-styles", { controls: [MANY_STYLES] }),
  ];
  await bench.panel.models.load();
  return bench;
}

/** A file that was dropped is on its way. */
async function addingModel(name: string): Promise<Bench> {
  const bench = await withModels();
  bench.panel.bringIn([new File(["x"], name)]);
  await settle();
  return bench;
}

const LIVE = { live: true };

const SCENARIOS: Record<ScenarioName, () => Promise<Bench>> = {
  "idle-nothing-selected": async () => {
    const bench = open({ kind: "ready" });
    await settle(200);
    return bench;
  },
  "idle-one-layer": async () => {
    const bench = open({ kind: "ready" });
    await settle();
    bench.host.select(["photo"]);
    await settle(200);
    return bench;
  },
  "idle-pair": () => withPair(),
  "idle-too-many": async () => {
    const bench = await withPair();
    bench.host.select(["photo", "style", ...Array.from({ length: 8 }, (_, index) => `frame:${index}`)]);
    await settle();
    return bench;
  },
  "idle-roles": () => withRoles(["photo", "style", "sky", "logo"]),
  "idle-roles-two-styles": async () => {
    const bench = await withRoles(["photo", "style", "scream", "sky", "river", "heading"]);
    bench.panel.inputs.setRole("heading", { kind: "source", style: 1 });
    bench.panel.inputs.setUse("scream", "forms");
    await settle(500);
    return bench;
  },
  "idle-roles-stored-style": async () => {
    const bench = await withRoles([]);
    await bench.panel.styles.remember(PICTURES.ship);
    bench.panel.inputs.choose({ from: "stored", key: bench.panel.styles.list.value[0]?.key ?? "" });
    bench.host.select(["photo"]);
    bench.host.select(["photo", "sky"]);
    bench.panel.inputs.choose({ from: "stored", key: bench.panel.styles.list.value[0]?.key ?? "" });
    await settle(500);
    return bench;
  },
  "idle-roles-most": () => withRoles(["photo", "style", "scream", "frame:1", "sky", "river", "logo", "heading"]),
  "idle-roles-quick": async () => {
    const bench = await withRoles(["photo", "style", "sky"]);
    bench.panel.setSetting("quality", "quick");
    await settle();
    return bench;
  },
  "idle-preset": async () => {
    const bench = await withPair();
    bench.panel.choosePreset(presetNamed("neural-style"));
    bench.panel.setSetting("palette", ["#0b1d3a", "#f2c14e"]);
    await settle();
    return bench;
  },
  "palette-many": async () => {
    const bench = await withPair();
    const ramp = Array.from({ length: 64 }, (_, i) => `#${(0x0b1d3a + i * 0x03a1b5).toString(16).padStart(6, "0")}`);
    bench.host.colors = async () => ramp.map((color) => ({ name: `Brand / ${color}`, color }));
    bench.panel.setSetting("palette", [ramp[3] ?? "", ramp[40] ?? ""]);
    // Looked up when the settings are shown again.
    bench.panel.selectTab("settings");
    await settle();
    bench.panel.selectTab("stylize");
    await settle();
    // Open by itself, since the palette is set.
    bench.root.querySelector(".color-swatches")?.scrollIntoView({ block: "center" });
    await settle();
    return bench;
  },
  "idle-keep-text": () => withRoles(["photo", "style"], { name: "Poster", kind: "frame", hasText: true }),
  "idle-keep-text-roles": () =>
    withRoles(["photo", "style", "sky", "logo", "river", "heading"], { name: "Poster", kind: "frame", hasText: true }),
  "preparing-roles": async () => {
    const bench = await withRoles(["photo", "style", "sky", "logo"]);
    bench.host.readPicture = () => new Promise(() => undefined);
    void bench.panel.run.start();
    await settle();
    return bench;
  },
  "idle-layer-problem": async () => {
    const bench = await withPair(
      { kind: "ready" },
      {
        prepare: (host) =>
          host.layers.push(fakeLayer("locked", PICTURES.ship, { name: "Hero", problem: "is hidden. Show it first" })),
      },
    );
    bench.host.select(["photo", "locked"]);
    await settle();
    return bench;
  },
  "idle-read-only": async () => {
    const bench = await withPair();
    bench.host.select(["photo", "style"], "You can only view this file. Duplicate it to stylize layers.");
    await settle();
    return bench;
  },
  "idle-does-not-fit": async () => {
    const bench = open({ kind: "ready" });
    bench.engine.planned = {
      ...(bench.engine.planned as NonNullable<FakeEngine["planned"]>),
      fits: false,
      peakBytes: 21e9,
    };
    await settle();
    bench.host.select(["photo", "style"]);
    await settle(600);
    return bench;
  },
  "idle-restyle": async () => {
    const bench = open({ kind: "ready" });
    bench.host.layers.push(RESULT);
    await settle();
    bench.host.select(["made"]);
    await settle(200);
    return bench;
  },
  "live-painting": () => withPair({ kind: "ready" }, LIVE),
  "live-shown": async () => showLive(await withPair({ kind: "ready" }, LIVE)),
  "live-moved": async () => {
    const bench = await showLive(await withPair({ kind: "ready" }, LIVE));
    bench.panel.setSetting("strength", 80);
    await settle(200);
    return bench;
  },
  "live-two-styles": async () => showLive(await withRoles(["photo", "style", "scream"], {}, true)),
  "live-layers": async () => {
    const bench = await showLive(await withRoles(["photo", "style", "scream"], {}, true));
    bench.panel.listingLayers.value = true;
    await settle();
    return bench;
  },
  "live-keep-text": async () =>
    showLive(await withRoles(["photo", "style"], { name: "Poster", kind: "frame", hasText: true }, true)),
  "live-masks": async () => showLive(await withRoles(["photo", "style", "sky"], {}, true)),
  "live-unavailable": async () => {
    const bench = await withPair({ kind: "ready" }, LIVE);
    bench.panel.setSetting("seamless", "both");
    await settle();
    return bench;
  },
  "live-waiting": async () => {
    const bench = await withPair({ kind: "ready" }, LIVE);
    bench.engine.lives.at(-1)?.fail(new ImpastoError("busy", "A picture is in work, and comes first."));
    await settle();
    return bench;
  },
  "live-failed": async () => {
    const bench = await withPair({ kind: "ready" }, LIVE);
    const message = "“The Starry Night” can not be read as a picture: it is damaged or incomplete.";
    bench.engine.lives.at(-1)?.fail(new ImpastoError("bad-picture", message));
    await settle();
    return bench;
  },
  "live-no-companion": () => withPair({ kind: "absent" }, LIVE),
  "live-running": async () => {
    const bench = await showLive(await withPair({ kind: "ready" }, LIVE));
    void bench.panel.run.start();
    await until(() => bench.engine.runs.length > 0);
    bench.engine.runs[0]?.listeners.onState?.("running");
    await settle(100);
    return bench;
  },
  keys: () => withKeys(false),
  "keys-web": () => withKeys(true),
  "idle-on-canvas": async () => {
    const bench = await withPair();
    bench.panel.preferences.set({ onCanvas: true });
    document.querySelector<HTMLElement>(".more summary")?.click();
    await settle(100);
    return bench;
  },
  history: () => withHistory(),
  "history-chosen": () => withHistory("kept-2"),
  "history-same": () => withHistory("kept-2", true),
  "history-batch": () => withHistory("kept-1", true),
  "history-batch-opened": async () => {
    const bench = await withHistory("kept-1");
    await bench.panel.history.openBatch();
    await bench.panel.history.choose("kept-3");
    await settle(200);
    return bench;
  },
  "history-empty": async () => {
    const bench = await withPair();
    bench.panel.history.open();
    await settle(100);
    return bench;
  },
  // Without a companion: what this session painted.
  "history-own": async () => {
    const bench = await running(170, { kind: "absent" });
    bench.panelEngine.runs[0]?.finish(await fakeResult());
    await until(() => bench.panel.run.phase.value === "done");
    bench.panel.history.open();
    await settle(100);
    return bench;
  },
  shelf: async () => {
    const bench = await withPair();
    for (const picture of [PICTURES.scream, PICTURES.ship]) await bench.panel.styles.remember(picture);
    bench.panel.setSetting("colors", "keep");
    await bench.panel.kept.keepPresent();
    bench.panel.managingStyles.value = true;
    await settle(100);
    return bench;
  },
  models: async () => {
    const bench = await withModels();
    bench.panel.models.open();
    await settle(100);
    return bench;
  },
  "models-sending": async () => {
    const bench = await addingModel("a-network-of-somebody-with-a-long-name.onnx");
    bench.engine.models?.coming[0]?.onSent(0.43);
    await settle(100);
    return bench;
  },
  "models-found": async () => {
    const bench = await addingModel("mosaic.onnx");
    bench.engine.models?.coming[0]?.finish(fakeModel("mosaic", { controls: [MANY_STYLES] }));
    await settle(100);
    return bench;
  },
  "models-refused": async () => {
    const bench = await addingModel("candy.pth");
    const hint =
      "Load it in Python with the code that it belongs to, then torch.onnx.export(network, example, 'network.onnx').";
    const message = "candy is PyTorch's (a pickle: opening it could run any program, so it is not read).";
    bench.engine.models?.coming[0]?.fail(new ImpastoError("bad-network", message, { hint }));
    await settle(100);
    return bench;
  },
  "idle-model": async () => {
    const bench = await withModels();
    bench.panel.models.choose("mosaic");
    await settle(100);
    return bench;
  },
  "style-sheet-mix": async () => {
    const bench = await withPair();
    const members = ["The Starry Night", "A painting with a name that is longer than a row of the panel"];
    bench.panel.kept.use({ from: "learned", id: "both", picture: PICTURES.style, members });
    bench.panel.setSetting("styleMix", [0.75, 0.25]);
    bench.panel.pickingStyle.value = true;
    await settle(200);
    return bench;
  },
  "idle-model-mix": async () => {
    const bench = await withModels();
    bench.panel.models.choose("twenty-six-styles");
    bench.panel.models.setInput(MANY_STYLES, [0.5, 0.25, ...Array.from({ length: 24 }, () => 0)]);
    await settle(100);
    return bench;
  },
  stale: () => withStale(),
  "stale-repainting": async () => {
    const bench = await withStale();
    void bench.panel.stale.repaint();
    await until(() => bench.engine.runs.length > 0);
    bench.engine.runs[0]?.listeners.onProgress?.(fakeProgress(170));
    await settle();
    return bench;
  },
  texture: async () => {
    const bench = await withPair();
    bench.panel.texture.open();
    await settle(100);
    return bench;
  },
  "texture-done": async () => {
    const bench = await withPair();
    bench.panel.texture.open();
    void bench.panel.texture.start();
    await until(() => bench.engine.runs.length > 0);
    const tile = { ...(await fakeResult()), ...(await encodeJpeg(PICTURES.style, 256)) };
    bench.engine.runs[0]?.finish(tile);
    await until(() => bench.panel.run.phase.value === "done");
    await settle(100);
    return bench;
  },
  "explore-painting": async () => {
    const bench = await withPair();
    bench.panel.explore.open();
    await answerVariations(bench, 4);
    return bench;
  },
  "explore-done": async () => {
    const bench = await withPair();
    bench.panel.explore.open();
    await answerVariations(bench, 9);
    bench.panel.explore.chosen.value = 4;
    await settle(100);
    return bench;
  },
  "explore-forms": async () => {
    const bench = await withPair();
    bench.panel.explore.open();
    bench.panel.explore.vary("layers");
    await settle(100);
    await answerVariations(bench, 12);
    bench.panel.explore.chosen.value = 6;
    await settle(100);
    return bench;
  },
  "explore-styles": async () => {
    const bench = await withPair({ kind: "ready" }, { web: true });
    bench.panel.explore.open();
    bench.panel.explore.vary("styles");
    await settle(100);
    await answerVariations(bench, 9);
    return bench;
  },
  "explore-unavailable": async () => {
    const bench = await withPair();
    bench.panel.setSetting("seamless", "both");
    bench.panel.explore.open();
    await settle(100);
    return bench;
  },
  "style-sheet": async () => {
    const bench = await withPair({ kind: "ready" }, { web: true });
    for (const picture of [PICTURES.scream, PICTURES.ship]) await bench.panel.styles.remember(picture);
    await settle(100);
    document.querySelector<HTMLButtonElement>(".tile-action")?.click();
    await settle(200);
    return bench;
  },
  preparing: async () => {
    const bench = await withPair();
    bench.host.readPicture = () => new Promise(() => undefined);
    void bench.panel.run.start();
    await settle();
    return bench;
  },
  waiting: async () => {
    const bench = await withPair();
    void bench.panel.run.start();
    await until(() => bench.engine.runs.length > 0);
    bench.engine.runs[0]?.listeners.onState?.("waiting");
    await settle();
    return bench;
  },
  running: () => running(),
  "running-late": () => running(330),
  paused: async () => {
    const bench = await running();
    bench.panel.run.pauseOrResume();
    await settle();
    return bench;
  },
  "paused-disk-full": async () => {
    const bench = await running();
    bench.engine.runs[0]?.listeners.onState?.("disk-full");
    await settle();
    return bench;
  },
  "lost-mid-job": async () => {
    const bench = await running();
    bench.engine.runs[0]?.listeners.onState?.("lost");
    bench.link.state.value = { kind: "lost", seconds: 7 };
    await settle();
    return bench;
  },
  done: () => done(),
  inserted: async () => {
    const bench = await done();
    await bench.panel.run.insert();
    await settle();
    return bench;
  },
  "done-web": async () => {
    const bench = await withPair({ kind: "ready" }, { web: true });
    void bench.panel.run.start();
    await until(() => bench.engine.runs.length > 0);
    const notes = ["Neckarfront has 3 frames or pages; the first was taken."];
    bench.engine.runs[0]?.finish({ ...(await fakeResult()), notes });
    await until(() => bench.panel.run.phase.value === "done");
    await settle(100);
    return bench;
  },
  "failed-memory": () => failed("out-of-memory"),
  "failed-gpu-lost": () => failed("gpu-lost"),
  "failed-disk-full": () => failed("disk-full"),
  "failed-busy": () => failed("busy"),
  "failed-crash": () => failed("engine-crashed"),
  "failed-unreachable": () => failed("companion-unreachable"),
  "failed-unpaired": () => failed("unauthorized"),
  "failed-picture": () => failed("bad-picture", "“Hero” can not be read as a picture."),
  "link-searching": () => withPair({ kind: "searching" }),
  "link-absent": () => withPair({ kind: "absent" }),
  "link-absent-download": () => withDownload(() => withPair({ kind: "absent" })),
  "link-foreign": () => withPair({ kind: "foreign", port: 47820 }),
  "link-blocked": () => withPair({ kind: "blocked" }),
  "link-older": () => withPair({ kind: "version", companion: "older" }),
  "link-newer": () => withPair({ kind: "version", companion: "newer" }),
  "link-unpaired": () => withPair({ kind: "unpaired", pairing: "open" }),
  "link-starting": () => withPair({ kind: "starting", seconds: 3 }),
  "in-panel": async () => {
    const bench = await withPair({ kind: "absent" });
    bench.panel.continueInPanel();
    await settle(500);
    return bench;
  },
  "in-panel-running": async () => {
    const bench = await running(90, { kind: "absent" });
    bench.panel.continueInPanel();
    await settle();
    return bench;
  },
  "batch-empty": async () => {
    const bench = open({ kind: "ready" });
    await settle();
    bench.panel.selectTab("batch");
    await settle();
    return bench;
  },
  "batch-listed": () => batchListed(),
  "batch-matrix": () => batchMatrix(),
  "batch-turn": async () => {
    const bench = await batchMatrix();
    bench.panel.batch.way.value = "turn";
    await settle();
    return bench;
  },
  "batch-many": async () => {
    const bench = await batchListed();
    const frames = await bench.host.listFrames("page");
    bench.host.listFrames = async () =>
      [...frames, ...frames].map((frame, i) => ({ ...frame, id: `${frame.id}#${i}` }));
    await bench.panel.batch.list("page");
    await settle(100);
    return bench;
  },
  "batch-learning": async () => {
    const bench = await batchListed();
    const school = bench.engine.school as FakeSchool;
    const { bytes } = await fakeResult();
    school.preview = async () => bytes;
    await bench.panel.learning.start();
    const progress = { ...fakeProgress(46), phase: "learn" as const, iteration: 46, secondsLeft: 124 };
    school.learnings = school.learnings.map((one) => ({ ...one, preview: 1, progress }));
    await until(() => bench.panel.learning.preview.value !== null);
    await settle(100);
    return bench;
  },
  "batch-learned": async () => {
    const bench = await withRoles(["photo", "style", "scream"]);
    bench.panel.selectTab("batch");
    await bench.panel.batch.list("page");
    await bench.panel.learning.start();
    const { bytes, width, height } = PICTURES.ship;
    const school = bench.engine.school as FakeSchool;
    school.result = async () => bytes;
    const styles = ["Starry Night", "The Scream"].map((name) => ({ name, width, height }));
    const facts = {
      bytes: 9,
      width,
      height,
      gapBefore: 0.28,
      gapAfter: 0.19,
      steps: 300,
      seconds: 180,
      stopped: false,
    };
    const finished = { state: "finished" as const, learned: { ...facts, styles } };
    school.learnings = school.learnings.map((one) => ({ ...one, ...finished }));
    await until(() => bench.panel.learning.learning.value?.state === "finished");
    await settle(100);
    return bench;
  },
  "batch-running": () => batchRunning(),
  "batch-paused": async () => {
    const bench = await batchRunning();
    bench.engine.batches[0]?.listeners.onState("paused", null);
    await settle();
    return bench;
  },
  "batch-lost": async () => {
    const bench = await batchRunning();
    bench.engine.batches[0]?.listeners.onState("lost", null);
    bench.link.state.value = { kind: "lost", seconds: 4 };
    await settle();
    return bench;
  },
  "batch-done": () => batchDone(),
  "batch-target": async () => {
    const bench = await batchDone();
    bench.root.querySelector<HTMLElement>("[aria-label='Where the results go']")?.click();
    await settle();
    await bench.panel.batch.setOnNewPage(true);
    await settle();
    return bench;
  },
  "batch-matrix-done": () => batchMatrixDone(),
  "batch-adjusting": async () => {
    const bench = await batchMatrixDone();
    bench.root.querySelector<HTMLElement>(".batch-row [aria-label^='Another strength']")?.click();
    await settle();
    return bench;
  },
  "batch-noted": async () => {
    const bench = await batchDone();
    const { listeners } = bench.engine.batches[0] as FakeEngine["batches"][number];
    const tell = (index: number, ...notes: string[]) =>
      listeners.onFrame({ index, state: "done", fraction: 1, error: null, notes });
    tell(0, "Scan.tif has 3 frames or pages; the first was taken.");
    tell(2, "The part for style 1 is too small for the style's larger shapes: its colors and finer strokes are taken.");
    await settle();
    return bench;
  },
  "batch-inserted": async () => {
    const bench = await batchDone();
    await bench.panel.batch.insertFinished();
    await settle();
    return bench;
  },
  "batch-web-empty": async () => {
    const bench = open({ kind: "ready" }, { web: true });
    await settle();
    bench.panel.selectTab("batch");
    await settle();
    return bench;
  },
  "settings-ready": () => settingsOpen({ kind: "ready" }),
  "settings-checked": async () => {
    const bench = await settingsOpen({ kind: "ready" });
    await bench.panel.settingsPage.check();
    await settle();
    return bench;
  },
  "settings-pulling": async () => {
    const bench = await settingsOpen({ kind: "ready" });
    void bench.panel.settingsPage.pull("vgg19");
    bench.link.pulling?.onProgress({ receivedBytes: 11e6, totalBytes: 26e6 });
    await settle();
    return bench;
  },
  "settings-pull-failed": async () => {
    const bench = await settingsOpen({ kind: "ready" });
    void bench.panel.settingsPage.pull("vgg19");
    bench.link.pulling?.fail(
      new ImpastoError("download-failed", "The download stopped at 42 %.", {
        hint: "Check the connection, then press Get.",
      }),
    );
    await settle();
    return bench;
  },
  "settings-desk": async () => {
    const bench = await settingsOpen({ kind: "ready" });
    bench.link.admin.value = true;
    await settle();
    await bench.panel.settingsPage.openPairing();
    await settle();
    return bench;
  },
  "settings-absent": () => settingsOpen({ kind: "absent" }),
  "settings-absent-download": () => withDownload(() => settingsOpen({ kind: "absent" })),
  "settings-unpaired": () => settingsOpen({ kind: "unpaired", pairing: "open" }),
  "settings-code-wrong": async () => {
    const bench = await settingsOpen({ kind: "unpaired", pairing: "open" });
    bench.link.pairResult = new ImpastoError("pairing-failed", "This is not the code that is shown.", {
      hint: "Three more tries.",
    });
    bench.panel.settingsPage.typeCode("K7QM-2XD8");
    await settle();
    return bench;
  },
};

Object.assign(window, {
  showScenario: async (name: ScenarioName) => {
    closePanel();
    await SCENARIOS[name]();
    await until(isDrawn);
  },
  closePanel,
  openPanel: (state: LinkState) => open(state),
});

/** A canvas that nothing was drawn into yet has the size that HTML gives it. */
function isDrawn(): boolean {
  const pictures = [...document.querySelectorAll<HTMLCanvasElement>("canvas.picture")];
  return pictures.every(({ width, height }) => width !== 300 || height !== 150);
}

function closePanel(): void {
  latest?.panel.stop();
  if (latest !== null) render(null, latest.root);
}
