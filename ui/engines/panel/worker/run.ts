// One run of the panel's own engine, from request to result: coarse to fine, at each scale a descent on the objective.
// The same steps as native/optimize/engine; what differs is that a GPU that gives up is survived (gpu-losses.ts).

import type { Preview, StylizeRequest, StylizeResult } from "../../../../companion/protocol/engine.ts";
import type { Losses, Progress } from "../../../../companion/protocol/progress.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { type GpuCapabilities, orContextLost, startBackend } from "../backends/backend.ts";
import { Average } from "../core/average.ts";
import type { Part, Yardstick } from "../core/balance.ts";
import { canvasSize, crop, extend, keepSeamless, resizeCanvas } from "../core/canvas.ts";
import { type InterleavedImage, resizeImage, toBytes, toPicture } from "../core/image.ts";
import type { Network } from "../core/network.ts";
import { Adam, Lbfgs, type Optimizer } from "../core/optimizer.ts";
import { makeSchedule, Pace, type Scale } from "../core/schedule.ts";
import type { Control } from "./control.ts";
import { GpuLosses } from "./gpu-losses.ts";
import { openScaleObjective, type ScaleObjective } from "./scale-objective.ts";
import { openSources, Scene, type Sources } from "./scene.ts";

export interface RunReporter {
  progress(progress: Progress): void;
  /** The GPU gave up, and the run goes on with these. */
  moved(capabilities: GpuCapabilities): void;
}

export class PanelRun {
  private settings: Settings;
  private readonly network: Network;
  private readonly control: Control;
  private readonly reporter: RunReporter;
  private readonly part: Part;
  private readonly sources: Sources;
  private readonly scales: readonly Scale[];
  private readonly pace: Pace;
  private readonly optimizer: Optimizer;
  private readonly average: Average;
  private readonly gpuLosses: GpuLosses;
  private readonly started = performance.now();
  private pausedMs = 0;
  private device: GpuCapabilities["backend"] | null = null;

  /** What a person should know of the result. */
  private notes: string[] = [];
  /** Of the scale in work. */
  private scene: Scene;
  private total = 0;
  /** Measured at the first scale, unless one of the same pictures at another size was set. */
  yardstick: Yardstick | null = null;
  /** The iterate, with the canvas's margin. */
  private pixels: Float32Array;
  /** Of the latest iterate that counts. */
  private losses: Losses = { content: 0, style: 0, tv: 0, total: 0, contentLayers: {}, styleLayers: {} };
  private best: { data: Float32Array; losses: Losses } | null = null;

  constructor(
    request: StylizeRequest,
    network: Network,
    control: Control,
    reporter: RunReporter,
    part: Part = "picture",
  ) {
    const { settings } = request;
    this.settings = settings;
    this.network = network;
    this.control = control;
    this.reporter = reporter;
    this.part = part;
    this.sources = openSources(request);
    this.scales = makeSchedule(this.sources.content, settings);
    this.pace = new Pace(this.scales, settings.budget);
    const first = this.scales[0] as Scale;
    this.optimizer =
      settings.optimizer === "adam" ? new Adam(settings.stepSize) : new Lbfgs(settings.history, canvasSize(first));
    this.average = new Average(settings.averaging);
    this.gpuLosses = new GpuLosses((capabilities) => this.takeGpu(capabilities));
    this.scene = new Scene(this.sources, settings, first);
    this.pixels = this.scene.firstPicture().data;
  }

  async run(): Promise<StylizeResult> {
    this.takeGpu(await startBackend());
    this.notes = new Scene(this.sources, this.settings, this.sources.content).notes();
    if (this.settings.strength === 0 && this.settings.styleWeight === null) return this.unchanged();
    for (let index = 0; ; index++) {
      const stopped = await this.descend(index);
      const next = this.scales[index + 1];
      if (stopped || next === undefined) return this.finish(stopped);
      this.carryTo(next);
    }
  }

  /** The best picture so far at the scale in work. */
  preview(): Preview | null {
    if (this.total === 0) return null;
    const { width, height, data } = this.scene.shown(this.bestSoFar());
    return { width, height, rgb: toBytes(data) };
  }

  // ---- at a scale ----

  /** True when the run was stopped here. */
  private descend(index: number): Promise<boolean> {
    let iteration = 0;
    let begun = false;
    this.best = null;
    this.pace.beginScale(index, this.seconds());
    return this.gpuLosses.survive(
      () => this.openObjective(),
      async (objective) => {
        // The picture is on the CPU; an update that was under way is not.
        if (begun) this.optimizer.forget();
        begun = true;
        while (this.pace.goOn(iteration, this.seconds())) {
          await this.waitAtGate();
          if (this.control.stopped) return true;
          this.takeChanges(objective);
          // No better point along the gradient either: the same evaluations would follow again.
          if (!(await this.step(objective))) break;
          iteration++;
          this.total++;
          this.report(index, iteration);
        }
        return false;
      },
    );
  }

  private async openObjective(): Promise<ScaleObjective> {
    const objective = await openScaleObjective(this.network, this.scene, this.settings, this.part, this.yardstick);
    this.yardstick = objective.yardstick;
    return objective;
  }

  /** One update of the picture; false when no step makes it better. */
  private async step(objective: ScaleObjective): Promise<boolean> {
    let latest = this.losses;
    const { value, at, moved } = await this.optimizer.step(async (x) => {
      const { losses, gradient } = await orContextLost(objective.evaluate(x));
      keepSeamless(gradient, this.scene.canvas, this.settings.seamless);
      latest = losses;
      return { value: losses.total, gradient };
    }, this.pixels);
    if (latest.total === value) this.losses = latest;
    if (this.settings.averaging > 0) this.average.add(this.pixels);
    if (this.best === null || value < this.best.losses.total) this.best = { data: at.slice(), losses: this.losses };
    return moved;
  }

  private takeChanges(objective: ScaleObjective): void {
    const changes = this.control.takeChanges();
    if (changes === null) return;
    this.settings = { ...this.settings, ...changes };
    objective.setWeights(this.settings);
    this.optimizer.setStepSize(this.settings.stepSize);
    this.optimizer.forget();
    this.best = null;
    this.average.clear();
  }

  private async waitAtGate(): Promise<void> {
    const before = performance.now();
    await this.control.gate();
    this.pausedMs += performance.now() - before;
  }

  private takeGpu(capabilities: GpuCapabilities): void {
    if (this.device !== null && this.device !== capabilities.backend) this.reporter.moved(capabilities);
    this.device = capabilities.backend;
  }

  // ---- between two scales ----

  private carryTo(next: Scale): void {
    const { canvas } = this.scene;
    const { seamless } = this.settings;
    this.pixels = extend(resizeImage(this.bestSoFar(), next, "bicubic"), seamless).data;
    this.optimizer.resample(canvas, canvasSize(next), (x, filter) => resizeCanvas(x, canvas, next, filter, seamless));
    this.average.clear();
    this.scene = new Scene(this.sources, this.settings, next);
  }

  // ---- reports ----

  /** The average where one is asked for, else the best iterate; without the margin. */
  private bestSoFar(): InterleavedImage {
    return crop({ ...this.scene.canvas, data: this.average.value() ?? this.best?.data ?? this.pixels });
  }

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
      device: this.device ?? "",
    });
  }

  /** The best picture, with its colors as they are to be, at the result's size. */
  private finish(stopped: boolean): StylizeResult {
    const { content } = this.sources;
    const whole = new Scene(this.sources, this.settings, content);
    return this.resultOf(whole.finished(resizeImage(this.bestSoFar(), content)), stopped);
  }

  private unchanged(): StylizeResult {
    return this.resultOf(this.sources.plain, false);
  }

  private resultOf(image: InterleavedImage, stopped: boolean): StylizeResult {
    return {
      picture: toPicture({ ...image, alpha: this.sources.content.alpha }),
      losses: this.best?.losses ?? this.losses,
      iterations: this.total,
      seconds: this.seconds(),
      device: this.device ?? "",
      stopped,
      ...(this.notes.length > 0 && { notes: this.notes }),
    };
  }
}
