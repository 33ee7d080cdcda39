// A quick picture in the panel, as native/paint/quick: the optimizer decides at a small size where large strokes and colors
// go, the detailer enlarges that in one pass a doubling, the optimizer goes over the first of these for a few updates where
// another follows, and over the result for as many as the settings grant.

import type { Preview, StylizeRequest, StylizeResult } from "../../../../companion/protocol/engine.ts";
import type { Mask } from "../../../../companion/protocol/mask.ts";
import { NO_LOSSES, type Progress } from "../../../../companion/protocol/progress.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { longSide, resolveSettings, type Size } from "../../../../companion/protocol/sizing.ts";
import { orContextLost, startBackend } from "../backends/backend.ts";
import { crop } from "../core/canvas.ts";
import { type Detail, openDetail } from "../core/detail.ts";
import type { Detailer } from "../core/detailer.ts";
import { blendGaussians, type Gaussian, type Gaussians } from "../core/gaussian.ts";
import { clampAll, type InterleavedImage, resizeImage, toBytes, toInterleaved, toPicture } from "../core/image.ts";
import type { Network } from "../core/network.ts";
import { DETAIL_WORK, MIDDLE, middleIterations, quickSizes } from "../core/quick-sizes.ts";
import type { Control } from "./control.ts";
import { GpuLosses } from "./gpu-losses.ts";
import { sharePixels } from "./regions.ts";
import { PanelRun, type RunReporter } from "./run.ts";
import { openSources, Scene, type Sources } from "./scene.ts";

export interface PaintNetworks {
  network: Network;
  detailer: Detailer;
}

/** The first update of a draft comes when everything is open, after the time of so many. */
const FIRST_UPDATE = 10;

export class QuickRun {
  private settings: Settings;
  private readonly request: StylizeRequest;
  private readonly networks: PaintNetworks;
  private readonly control: Control;
  private readonly reporter: RunReporter;
  private readonly sources: Sources;
  private readonly sizes: readonly Size[];
  private readonly gpuLosses: GpuLosses;
  private readonly started = performance.now();
  private device = "";

  /** The part in work where it is the optimizer's. */
  private part: PanelRun | null = null;
  private picture: InterleavedImage | null = null;
  private losses = NO_LOSSES;
  private iterations = 0;
  private draftYardstick: PanelRun["yardstick"] = null;
  /** What people should know of it; each once. */
  private readonly notes = new Set<string>();
  private workDone = 0;
  /** Told of the draft. */
  private first: Done | null = null;

  constructor(request: StylizeRequest, networks: PaintNetworks, control: Control, reporter: RunReporter) {
    this.settings = request.settings;
    this.request = request;
    this.networks = networks;
    this.control = control;
    this.reporter = reporter;
    this.sources = openSources(request);
    this.sizes = quickSizes(this.sources.content, request.settings);
    this.gpuLosses = new GpuLosses((capabilities) => {
      if (this.device !== "" && this.device !== capabilities.backend) reporter.moved(capabilities);
      this.device = capabilities.backend;
    });
  }

  async run(): Promise<StylizeResult> {
    this.device = (await startBackend()).backend;
    if (this.settings.strength === 0 && this.settings.styleWeight === null) {
      return this.resultOf(this.sources.content, false);
    }
    for (;;) {
      let picture = await this.draft();
      if (this.control.stopped) return this.resultOf(this.shownWhole(picture), true);
      const detailed = await this.detail(picture);
      // Strength changed meanwhile: the draft has to be another then.
      if (detailed === null) continue;
      picture = detailed;
      if (this.control.stopped) return this.resultOf(this.shownWhole(picture), true);
      const { iterations } = this.resolved();
      return iterations === 0 ? this.resultOf(this.shownWhole(picture), false) : this.polish(picture, iterations);
    }
  }

  /** The best picture so far; null before there is one. */
  preview(): Preview | null {
    if (this.part !== null) return this.part.preview();
    if (this.picture === null) return null;
    const { width, height, data } = this.sceneAt(this.picture).shown(this.picture);
    return { width, height, rgb: toBytes(data) };
  }

  // ---- the three parts ----

  private async draft(): Promise<InterleavedImage> {
    this.workDone = 0;
    this.first = null;
    this.iterations = 0;
    const { firstIterations } = this.resolved();
    const result = await this.optimize(0, "draft", { init: "style-colors", firstIterations });
    return this.takeOver(result);
  }

  /** Null when the strength changed meanwhile. */
  private detail(draft: InterleavedImage): Promise<InterleavedImage | null> {
    let picture = draft;
    let next = 1;
    return this.gpuLosses.survive(
      async () => openDetail(this.networks.network, this.networks.detailer),
      async (detail) => {
        for (; next < this.sizes.length; next++) {
          await this.control.gate();
          if (this.control.stopped) return picture;
          const changes = this.control.takeChanges();
          if (changes !== null) {
            this.settings = { ...this.settings, ...changes };
            return null;
          }
          picture = await this.detailStep(detail, picture, this.sizes[next] as Size);
          this.picture = picture;
          this.workDone += this.detailWork(picture);
          this.report("detail", next, NO_PART);
          if (next === MIDDLE && this.middleIterations() > 0) {
            const before = this.settings;
            picture = await this.goOver(picture);
            if (this.control.stopped) return picture;
            if (this.settings !== before) return null;
          }
        }
        return picture;
      },
    );
  }

  private async detailStep(detail: Detail, picture: InterleavedImage, size: Size): Promise<InterleavedImage> {
    const scene = this.sceneAt(size);
    const content = crop(scene.canvas);
    const { carry, detailShare: share, seed } = this.resolved();
    const paintPart = async (region: number, alpha: Float32Array | null) => {
      const style = await orContextLost(measureStyles(detail, scene.regionStyles(region)));
      return await orContextLost(detail.add(picture, { ...content, alpha }, { style, carry, share, seed }));
    };
    const masks = scene.regionMasks();
    if (masks.length === 0) return await paintPart(0, content.alpha);
    // Each region by itself, put together as the regions share pixels; what none of them has stays the content's.
    const shares = sharePixels(this.sources.regions, size, null);
    const data = content.data.slice();
    for (const [region, mask] of masks.entries()) {
      const painted = await paintPart(region, mask.data);
      const part = (shares[region] as Mask).data;
      for (let i = 0; i < data.length; i++) {
        const moved = (painted.data[i] as number) - (content.data[i] as number);
        data[i] = (data[i] as number) + (part[Math.floor(i / 3)] as number) * moved;
      }
    }
    return { ...content, data: clampAll(data), alpha: null };
  }

  private detailWork(size: Size): number {
    return DETAIL_WORK * Math.max(1, this.sources.regions.length) * area(size);
  }

  /** The optimizer on what has been doubled once: strokes as long as the draft is blind to. */
  private async goOver(picture: InterleavedImage): Promise<InterleavedImage> {
    const change = { init: "image", firstIterations: this.middleIterations() } as const;
    return this.takeOver(await this.optimize(MIDDLE, "detail", change, picture));
  }

  private async polish(picture: InterleavedImage, iterations: number): Promise<StylizeResult> {
    const change = { init: "image", firstIterations: iterations } as const;
    const result = await this.optimize(this.sizes.length - 1, "polish", change, picture);
    const polished = this.takeOver(result);
    return this.resultOf(this.sceneAt(this.sources.content).finished(polished), result.stopped);
  }

  /** What the optimizer made is the picture that is gone on with. */
  private takeOver(result: StylizeResult): InterleavedImage {
    this.note(result);
    this.losses = result.losses;
    this.iterations += result.iterations;
    this.picture = { ...toInterleaved(result.picture), alpha: null };
    return this.picture;
  }

  private middleIterations(): number {
    return middleIterations(this.sizes, this.settings);
  }

  /** One scale of the optimizer on pictures as the network sees them; what is shown of them is this run's. */
  private async optimize(
    step: number,
    phase: Progress["phase"],
    change: Pick<Settings, "init" | "firstIterations">,
    initial?: InterleavedImage,
  ): Promise<StylizeResult> {
    const size = this.sizes[step] as Size;
    const scene = this.sceneAt(size);
    const side = longSide(size);
    const before = this.workDone;
    const work = (change.firstIterations ?? 0) * area(size);
    this.part = new PanelRun(
      {
        content: toPicture(scene.seenContent()),
        styles: this.request.styles.map((style, place) => ({ ...style, picture: toPicture(scene.seenStyle(place)) })),
        ...(this.request.protect && { protect: this.request.protect }),
        ...(initial && { initial: toPicture(initial) }),
        settings: {
          ...this.settings,
          ...change,
          quality: "standard",
          colors: "style",
          photoreal: "off",
          budget: null,
          size: side,
          minScale: side,
        },
      },
      this.networks.network,
      this.watchedControl(),
      {
        moved: (capabilities) => this.reporter.moved(capabilities),
        progress: (progress) => {
          const share = progress.totalIteration / Math.max(1, progress.totalIterations);
          this.workDone = before + share * work;
          this.report(phase, step, progress);
        },
      },
      phase === "draft" ? "draft" : "polish",
    );
    if (step === MIDDLE && phase === "detail") this.part.yardstick = this.draftYardstick;
    try {
      const result = await this.part.run();
      if (phase === "draft") this.draftYardstick = this.part.yardstick;
      this.workDone = before + work;
      return result;
    } finally {
      this.part = null;
    }
  }

  /** The same for the part in work; changes that it takes are noted. */
  private watchedControl(): Control {
    const { control } = this;
    return {
      ...control,
      get stopped() {
        return control.stopped;
      },
      takeChanges: () => {
        const changes = control.takeChanges();
        if (changes !== null) this.settings = { ...this.settings, ...changes };
        return changes;
      },
    };
  }

  // ---- what is shown and told ----

  private resolved() {
    return resolveSettings(this.settings, this.sources.content);
  }

  private sceneAt(size: Size): Scene {
    return new Scene(this.sources, this.settings, size);
  }

  /** At the result's size, whatever it has come to. */
  private shownWhole(picture: InterleavedImage): InterleavedImage {
    const size = this.sources.content;
    return this.sceneAt(size).finished(resizeImage(picture, size));
  }

  private report(phase: Progress["phase"], step: number, part: Part): void {
    const { firstIterations, iterations } = this.resolved();
    const middle = this.middleIterations();
    const details = this.sizes.slice(1).reduce((sum, size) => sum + this.detailWork(size), 0);
    const optimized = [
      [firstIterations, this.sizes[0]],
      [middle, this.sizes[MIDDLE]],
      [iterations, this.sources.content],
    ] as const;
    const all = optimized.reduce((sum, [count, size]) => sum + (size ? count * area(size) : 0), details);
    const fraction = Math.min(1, this.workDone / all);
    const secondsElapsed = this.seconds();
    const { width, height } = this.sizes[step] as Size;
    this.reporter.progress({
      ...part,
      phase,
      fraction,
      scale: longSide({ width, height }),
      scaleIndex: step,
      scaleCount: this.sizes.length,
      width,
      height,
      losses: part === NO_PART ? this.losses : part.losses,
      totalIteration: part.totalIteration + this.iterations,
      totalIterations: firstIterations + middle + iterations,
      secondsElapsed,
      // The polish is the last part, and the optimizer knows its pace.
      secondsLeft: phase === "polish" ? part.secondsLeft : this.secondsLeft({ fraction, seconds: secondsElapsed }),
      device: this.device,
    });
  }

  /** At the pace since the draft's first update: what comes before it is not done again. */
  private secondsLeft(now: Done): number {
    this.first ??= now;
    const done =
      now.fraction > this.first.fraction
        ? { fraction: now.fraction - this.first.fraction, seconds: now.seconds - this.first.seconds }
        : { fraction: now.fraction, seconds: now.seconds / FIRST_UPDATE };
    return (done.seconds * (1 - now.fraction)) / Math.max(done.fraction, 1e-6);
  }

  private note({ notes = [] }: StylizeResult): void {
    for (const note of notes) this.notes.add(note);
  }

  private seconds(): number {
    return (performance.now() - this.started) / 1000;
  }

  private resultOf(image: InterleavedImage, stopped: boolean): StylizeResult {
    return {
      picture: toPicture({ ...image, alpha: this.sources.content.alpha }),
      losses: this.losses,
      iterations: this.iterations,
      seconds: this.seconds(),
      device: this.device,
      stopped,
      ...(this.notes.size > 0 && { notes: [...this.notes] }),
    };
  }
}

/** Of a region's styles as one; at each layer those that count there alone, where some do. */
async function measureStyles(detail: Detail, styles: ReturnType<Scene["regionStyles"]>): Promise<Gaussians> {
  const measured: { gaussians: Gaussians; weight: number; layers: readonly string[] | null }[] = [];
  for (const { image, ...style } of styles) measured.push({ gaussians: await detail.measure(image), ...style });
  const counting = (layer: string) => {
    const alone = measured.filter(({ layers }) => layers?.includes(layer));
    const others = measured.filter(({ layers }) => layers === null);
    // A layer that the draft did not look at may have none of its own.
    return [alone, others, measured].find(({ length }) => length > 0) ?? [];
  };
  const layers = [...(measured[0]?.gaussians.keys() ?? [])];
  const at = (layer: string) =>
    counting(layer).map(({ gaussians, weight }) => ({ gaussian: gaussians.get(layer) as Gaussian, weight }));
  return new Map(layers.map((layer) => [layer, blendGaussians(at(layer))]));
}

type Part = Pick<
  Progress,
  "iteration" | "iterations" | "totalIteration" | "totalIterations" | "losses" | "secondsLeft"
>;

/** Where no optimizer is at work. */
const NO_PART: Part = {
  iteration: 0,
  iterations: 0,
  totalIteration: 0,
  totalIterations: 0,
  losses: NO_LOSSES,
  secondsLeft: 0,
};

/** How far it had come, of the whole work, and when. */
interface Done {
  fraction: number;
  seconds: number;
}

function area({ width, height }: Size): number {
  return width * height;
}
