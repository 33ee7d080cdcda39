// A thousand random optimizations: every sample of a result is finite and within 0 … 1, whatever is asked of them and
// however little the pictures have to say.

import { test } from "vitest";
import { stylize } from "../../../native/binding/binding.ts";
import type { EngineSettings } from "../../../native/binding/types.ts";
import { randomNumbers } from "../support/objective.ts";
import { expectFinite, oddPicture } from "../support/odd-pictures.ts";
import { smallRequest } from "../support/run.ts";

/** A thousand, in parts that can be run by themselves. */
const PARTS = Array.from({ length: 10 }, (_, part) => 100 * part);

test.each(PARTS)("random jobs from number %i on", async (first) => {
  for (let seed = first; seed < first + 100; seed++) {
    const random = randomNumbers(seed);
    const pick = <T>(...values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
    const odd = () => oddPicture(random, seed, 40);
    const content = odd();
    const { width, height } = content;
    const narrowest = Math.ceil((32 * Math.max(width, height)) / Math.min(width, height));
    const settings: Partial<EngineSettings> = {
      strength: pick(0, 1, 50, 100),
      styleScale: pick(0.1, 1, 4),
      size: Math.max(narrowest, pick(32, 47, 64)),
      minScale: pick(32, 48, 64),
      firstIterations: pick(1, 4),
      iterations: pick(1, 3),
      optimizer: pick("lbfgs", "adam"),
      stepSize: pick(0.001, 0.05, 1),
      averaging: pick(0, 0.9),
      styleLoss: pick("gram", "gram-normalized", "w2", "bn", "mmd-linear", "mmd-gaussian", "sliced", "histogram"),
      contentLoss: pick("features", "laplacian", "self-similarity", "features,laplacian:0.5"),
      photoreal: pick("off", "off", "guided", "matting"),
      pooling: pick(null, "avg", "max"),
      padding: pick("zero", "replicate", "reflect"),
      tv: pick("l1", "l2", "9-point"),
      tvWeight: pick(0, 0.1, 10),
      init: pick("content", "noise", "style-colors", "image"),
      colors: pick("style", "keep", "keep-linear", "keep-histogram"),
      seamless: pick("off", "both"),
      seed,
    };
    const styles = Array.from({ length: pick(1, 1, 2) }, () => ({ picture: odd(), weight: pick(0.01, 1, 100) }));
    const request = { ...smallRequest(settings), content, styles, initial: odd() };
    const { picture } = await stylize(request).result;
    expectFinite(picture, `job ${seed}: ${JSON.stringify(settings)}`);
  }
});
