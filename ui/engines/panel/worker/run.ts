// One run of the panel's own engine, from request to result: coarse to fine, at each scale a descent on the objective.
// The same steps as native/optimize/engine; what differs is that a GPU that gives up is survived here.

import type { Preview, StylizeRequest, StylizeResult } from "../../../../companion/protocol/engine.ts";
import { ImpastoError } from "../../../../companion/protocol/errors.ts";
import { LAYERS } from "../../../../companion/protocol/layers.ts";
import { MIN_SIDE_PX } from "../../../../companion/protocol/limits.ts";
import type { Losses, Progress } from "../../../../companion/protocol/progress.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { resultSize, type Size, styleSize } from "../../../../companion/protocol/sizing.ts";
import {
  canGoOnAfter,
  contextLost,
  dropBackend,
  type GpuCapabilities,
  orContextLost,
  releaseUnused,
  startBackend,
} from "../backends/backend.ts";
import { balance, measureYardstick, type Yardstick } from "../core/balance.ts";
import { canvasSize, crop, extend } from "../core/canvas.ts";
import { luminance, matchColors, matchLuminance, replaceLuminance } from "../core/color.ts";
import { splitAlpha } from "../core/holes.ts";
import { type Filter, type InterleavedImage, resize, resizeImage, toBytes, toPicture } from "../core/image.ts";
import { blendStyles, measureStyle } from "../core/measure.ts";
import type { Network } from "../core/network.ts";
import { noise } from "../core/noise.ts";
import { type Objective, openObjective, type Weights } from "../core/objective.ts";
import { Adam, Lbfgs, type Optimizer } from "../core/optimizer.ts";
import { makeSchedule, Pace, type Scale } from "../core/schedule.ts";
import { openVgg, type Vgg } from "../core/vgg.ts";
import type { Control } from "./control.ts";

export interface RunReporter {
  progress(progress: Progress): void;
  /** The GPU gave up, and the run goes on with these. */
  moved(capabilities: GpuCapabilities): void;
}

/** Losing the GPU this often in one run means that it cannot do it. */
const MAX_LOST_CONTEXTS = 3;

export class PanelRun {
  private readonly request: StylizeRequest;
  private readonly network: Network;
  private readonly control: Control;
  private readonly reporter: RunReporter;
  private settings: Settings;
  private readonly content: InterleavedImage;
  private readonly styles: readonly { image: InterleavedImage; weight: number }[];
  private readonly scales: readonly Scale[];
  private readonly pace: Pace;
  private readonly started = performance.now();
  private pausedMs = 0;
  private total = 0;

  private scaleContent: InterleavedImage;
  /** What the network sees of it, with a margin; the picture in work has the same size. */
  private canvas: InterleavedImage;
  private pixels: Float32Array = new Float32Array(0);
  private best: { data: Float32Array; losses: Losses } | null = null;
  private average: { sum: Float32Array; count: number } | null = null;
  private losses: Losses = { content: 0, style: 0, tv: 0, total: 0, contentLayers: {}, styleLayers: {} };
  private yardstick: Yardstick | null = null;
  private lostContexts = 0;
  private device: GpuCapabilities["backend"] = "webgl";

  constructor(request: StylizeRequest, network: Network, control: Control, reporter: RunReporter) {
    this.request = request;
    this.network = network;
    this.control = control;
    this.reporter = reporter;
    this.settings = request.settings;
    const full = splitAlpha(request.content);
    const size = resultSize(full, this.settings);
    if (Math.min(size.width, size.height) < MIN_SIDE_PX) {
      throw new ImpastoError(
        "bad-picture",
        `The result would be ${size.width} × ${size.height} px, and no side may be shorter than ${MIN_SIDE_PX} px.`,
        { hint: "Choose a larger size or a picture that is less narrow." },
      );
    }
    this.content = resizeImage(full, size);
    this.scaleContent = this.content;
    this.canvas = this.content;
    this.styles = request.styles.map(({ picture, weight }) => ({ image: splitAlpha(picture), weight }));
    this.scales = makeSchedule(size, this.settings);
    this.pace = new Pace(this.scales, this.settings.budget);
  }

  async run(): Promise<StylizeResult> {
    this.device = (await startBackend()).backend;
    if (this.settings.strength === 0 && this.settings.styleWeight === null) return this.finish(this.content, false);
    const optimizer = this.makeOptimizer();
    for (let index = 0; index < this.scales.length; index++) {
      const stopped = await this.atScale(index, optimizer);
      const result = this.bestSoFar();
      const next = this.scales[index + 1];
      if (stopped || next === undefined) return this.finish(resizeImage(result, this.content), stopped);
      this.pixels = extend(resizeImage(result, next, "bicubic")).data;
      optimizer.resample(this.canvas, canvasSize(next), (canvas, filter) => this.carry(canvas, next, filter));
      this.average = null;
    }
    throw new Error("a schedule has at least one scale");
  }

  /** The best picture so far at the scale in work. */
  preview(): Preview | null {
    if (this.total === 0) return null;
    const { width, height, data } = this.shown(this.bestSoFar());
    return { width, height, rgb: toBytes(data) };
  }

  // ---- at a scale ----

  /** True when the run was stopped here. */
  private async atScale(index: number, optimizer: Optimizer): Promise<boolean> {
    this.scaleContent = resizeImage(this.content, this.scales[index] as Scale);
    this.canvas = extend(this.seen(this.scaleContent));
    if (this.pixels.length === 0) this.pixels = extend(this.initialPicture()).data;
    this.best = null;
    this.pace.beginScale(index, this.seconds());
    let iteration = 0;
    for (;;) {
      let session: Session | null = null;
      try {
        const capabilities = await startBackend();
        if (capabilities.backend !== this.device) this.reporter.moved(capabilities);
        this.device = capabilities.backend;
        session = await orContextLost(this.openSession());
        while (this.pace.goOn(iteration, this.seconds())) {
          await this.waitAtGate();
          if (this.control.stopped) return true;
          this.takeChanges(session, optimizer);
          // No better point along the gradient either: the same evaluations would follow again.
          if (!(await this.step(session, optimizer))) break;
          iteration++;
          this.total++;
          this.report(index, iteration);
        }
        return false;
      } catch (error) {
        if (!canGoOnAfter(error)) throw error;
        this.lostContexts++;
        if (this.lostContexts === MAX_LOST_CONTEXTS) throw gpuLost(error);
        // The picture is on the CPU: the run goes on from it with everything uploaded anew.
        session = null;
        dropBackend();
        optimizer.forget();
      } finally {
        if (!contextLost()) session?.close();
        releaseUnused();
      }
    }
  }

  private async openSession(): Promise<Session> {
    const { settings } = this;
    const layers = [...settings.styleLayers, ...settings.contentLayers];
    const deepest = layers.reduce((a, b) => (LAYERS.indexOf(a) > LAYERS.indexOf(b) ? a : b));
    const vgg = openVgg(this.network, deepest, settings);
    const objective = await openObjective(vgg, this.canvas, await this.measureStyles(vgg), settings);
    // Taken once, at the first scale: the losses are relative and change little with size.
    if (this.yardstick === null) {
      const reference = resizeImage(this.scaledStyle(this.heaviestStyle()), this.canvas);
      this.yardstick = await measureYardstick(objective, this.canvas.data, reference.data, settings);
    }
    return {
      objective,
      weights: balance(settings, this.yardstick),
      close() {
        objective.dispose();
        vgg.dispose();
      },
    };
  }

  private async measureStyles(vgg: Vgg) {
    const measured = [];
    for (const { image, weight } of this.styles) {
      const scaled = this.scaledStyle(image);
      measured.push({ measured: await measureStyle(vgg, scaled, this.settings.styleLayers), weight });
    }
    return blendStyles(this.settings.styleLoss, measured);
  }

  private async step({ objective, weights }: Session, optimizer: Optimizer): Promise<boolean> {
    let latest = this.losses;
    const { value, at, moved } = await optimizer.step(async (x) => {
      const { losses, gradient } = await orContextLost(objective.evaluate(x, weights));
      latest = losses;
      return { value: losses.total, gradient };
    }, this.pixels);
    if (latest.total === value) this.losses = latest;
    if (this.settings.averaging > 0) this.addToAverage();
    if (this.best === null || value < this.best.losses.total) this.best = { data: at.slice(), losses: this.losses };
    return moved;
  }

  private takeChanges(session: Session, optimizer: Optimizer): void {
    const changes = this.control.takeChanges();
    if (changes === null) return;
    this.settings = { ...this.settings, ...changes };
    session.weights = balance(this.settings, this.yardstick as Yardstick);
    optimizer.setStepSize(this.settings.stepSize);
    optimizer.forget();
    this.best = null;
    this.average = null;
  }

  private async waitAtGate(): Promise<void> {
    const before = performance.now();
    await this.control.gate();
    this.pausedMs += performance.now() - before;
  }

  /** What stands on the present canvas, on that of another size; not kept in 0 … 1. */
  private carry(canvas: Float32Array, to: Size, filter: Filter): Float32Array {
    const picture = crop({ ...this.canvas, data: canvas, alpha: null });
    const resized = resize(picture.data, 3, picture, to, filter);
    return extend({ ...to, data: resized, alpha: null }).data;
  }

  // ---- pictures ----

  /** The picture that the network sees: its light and dark alone when colors are kept. */
  private seen(image: InterleavedImage): InterleavedImage {
    return this.settings.colors === "keep" ? luminance(image) : image;
  }

  private shown(image: InterleavedImage): InterleavedImage {
    return this.settings.colors === "keep" ? replaceLuminance(this.scaleContent, image) : image;
  }

  private scaledStyle(style: InterleavedImage): InterleavedImage {
    const scaled = resizeImage(style, styleSize(style, this.scaleContent, this.settings.styleScale));
    if (this.settings.colors === "style") return scaled;
    return matchLuminance(luminance(scaled), luminance(this.scaleContent));
  }

  private heaviestStyle(): InterleavedImage {
    return this.styles.reduce((a, b) => (b.weight > a.weight ? b : a)).image;
  }

  private initialPicture(): InterleavedImage {
    switch (this.settings.init) {
      case "content":
        return this.seen(this.scaleContent);
      case "noise":
        return noise(this.scaleContent, this.settings.seed);
      case "style-colors":
        return matchColors(this.seen(this.scaleContent), this.scaledStyle(this.heaviestStyle()));
      case "image": {
        const { initial } = this.request;
        if (initial === undefined) throw new ImpastoError("bad-request", "There is no picture to start from.");
        return this.seen(resizeImage(splitAlpha(initial), this.scaleContent));
      }
    }
  }

  /** Exponential with bias correction, so that the first iterates do not weigh more than they should. */
  private addToAverage(): void {
    const decay = this.settings.averaging;
    const { sum, count } = this.average ?? { sum: new Float32Array(this.pixels.length), count: 0 };
    for (let i = 0; i < sum.length; i++) {
      sum[i] = decay * (sum[i] as number) + (1 - decay) * (this.pixels[i] as number);
    }
    this.average = { sum, count: count + 1 };
  }

  /** Without the margin. */
  private bestSoFar(): InterleavedImage {
    if (this.average === null) return crop({ ...this.canvas, data: this.best?.data ?? this.pixels });
    const correction = 1 / (1 - this.settings.averaging ** this.average.count);
    return crop({ ...this.canvas, data: this.average.sum.map((x) => x * correction) });
  }

  // ---- reports ----

  private seconds(): number {
    return (performance.now() - this.started - this.pausedMs) / 1000;
  }

  private report(index: number, iteration: number): void {
    const { scale, width, height } = this.scales[index] as Scale;
    const iterations = Math.max(iteration, this.pace.iterations(index));
    const later = this.scales.slice(index + 1).reduce((sum, _, i) => sum + this.pace.iterations(index + 1 + i), 0);
    const secondsElapsed = this.seconds();
    const totalIterations = this.total - iteration + iterations + later;
    this.reporter.progress({
      phase: "optimize",
      fraction: Math.min(1, this.total / Math.max(1, totalIterations)),
      scale,
      scaleIndex: index,
      scaleCount: this.scales.length,
      width,
      height,
      iteration,
      iterations,
      totalIteration: this.total,
      totalIterations,
      losses: this.losses,
      secondsElapsed,
      secondsLeft: this.pace.secondsLeft(iteration, secondsElapsed),
      device: this.device,
    });
  }

  private finish(image: InterleavedImage, stopped: boolean): StylizeResult {
    const keep = this.settings.strength > 0 && this.settings.colors === "keep";
    const painted = keep ? replaceLuminance(this.content, image) : image;
    return {
      picture: toPicture({ ...painted, alpha: this.content.alpha }),
      losses: this.best?.losses ?? this.losses,
      iterations: this.total,
      seconds: this.seconds(),
      device: this.device,
      stopped,
    };
  }

  private makeOptimizer(): Optimizer {
    return this.settings.optimizer === "adam"
      ? new Adam(this.settings.stepSize)
      : new Lbfgs(this.settings.history, canvasSize(this.scales[0] as Scale));
  }
}

/** What lives on the GPU during one scale. */
interface Session {
  objective: Objective;
  weights: Weights;
  close(): void;
}

function gpuLost(cause: unknown): ImpastoError {
  return new ImpastoError("gpu-lost", "The graphics processor gave up several times on this picture.", {
    hint: "Choose a smaller size, or start the companion.",
    cause,
  });
}
