// The objective of one scale on the GPU, its targets measured and its weights balanced.

import { LAYERS } from "../../../../companion/protocol/layers.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { balance, measureYardstick, type Part, type Yardstick } from "../core/balance.ts";
import { blendStyles, measureStyle } from "../core/measure.ts";
import type { Network } from "../core/network.ts";
import { type Evaluation, openObjective, type StyleRegion } from "../core/objective.ts";
import { openPixelTerms } from "../core/pixel-terms.ts";
import { needFeatures } from "../core/style-loss.ts";
import { openVgg } from "../core/vgg.ts";
import type { Scene } from "./scene.ts";

export interface ScaleObjective {
  yardstick: Yardstick;
  /** Settings that may change meanwhile; the others are those that it was opened with. */
  setWeights(settings: Settings): void;
  evaluate(x: Float32Array): Promise<Evaluation>;
  close(): void;
}

/** The yardstick is taken once, at the first scale: the losses are relative and change little with size. */
export async function openScaleObjective(
  network: Network,
  scene: Scene,
  settings: Settings,
  part: Part,
  known: Yardstick | null,
): Promise<ScaleObjective> {
  const layers = [...settings.styleLayers, ...settings.contentLayers];
  const deepest = layers.reduce((a, b) => (LAYERS.indexOf(a) > LAYERS.indexOf(b) ? a : b));
  const vgg = openVgg(network, deepest, settings);
  const features = needFeatures(settings.styleLoss);
  const regions: StyleRegion[] = [];
  for (const { mask, styles } of scene.regions()) {
    const measured = [];
    for (const { image, weight, layers: own } of styles) {
      measured.push({ measured: await measureStyle(vgg, image, own, features), weight });
    }
    regions.push({ mask, style: blendStyles(measured) });
  }
  const objective = await openObjective(vgg, scene.canvas, regions, settings);
  // A layer that no region was large enough for at a smaller scale has none yet.
  const usable = known?.styleTerms.every((term) => term.every((loss) => loss !== 0)) ? known : null;
  const yardstick = usable ?? (await measureYardstick(objective, scene.canvas.data, scene.reference().data, settings));
  const onPixels = openPixelTerms(settings, scene.canvas.data, scene.reference().data, scene.canvas);
  let current = settings;
  let weights = balance(settings, yardstick, part);
  return {
    yardstick,
    setWeights(changed) {
      current = changed;
      weights = balance(changed, yardstick, part);
    },
    async evaluate(x) {
      const seen = scene.seenOf(x);
      const evaluation = await objective.evaluate(seen, weights);
      const { losses, gradient } = evaluation;
      const terms = onPixels(seen, current, gradient);
      return {
        ...evaluation,
        losses: { ...losses, content: losses.content + terms, total: losses.total + terms },
        gradient: scene.movable(gradient),
      };
    },
    close() {
      objective.dispose();
      vgg.dispose();
    },
  };
}
