// A thousand random optimizations: every sample of a result is finite and within 0 … 1, whatever is asked of them and
// however little the pictures have to say; what has nothing to see, or no side to stand on, is refused.

import { expect, test } from "vitest";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { stylize } from "../../../native/binding/binding.ts";
import type { EngineSettings } from "../../../native/binding/types.ts";
import { expectFinite, oddPicture } from "../support/odd-pictures.ts";
import { randomNumbers } from "../support/objective.ts";
import { smallRequest } from "../support/run.ts";

const JOBS = 1000;

test(`${JOBS} random jobs`, async () => {
  const outcomes = new Map<string, number>();
  for (let seed = 0; seed < JOBS; seed++) {
    const random = randomNumbers(seed);
    const pick = <T>(...values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
    const settings: Partial<EngineSettings> = {
      strength: pick(0, 1, 50, 100),
      styleScale: pick(0.1, 1, 4),
      size: pick(32, 47, 64),
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
    const odd = () => oddPicture(random, seed, 40);
    const styles = Array.from({ length: pick(1, 1, 2) }, () => ({ picture: odd(), weight: pick(0.01, 1, 100) }));
    const request = { ...smallRequest(settings), content: odd(), styles, initial: odd() };
    const what = `job ${seed}: ${JSON.stringify(settings)}`;
    const outcome = await stylize(request).result.catch((error: unknown) => error);
    if (outcome instanceof Error) {
      if (!(outcome instanceof ImpastoError)) throw outcome;
      expect(outcome.code, `${what}: ${outcome.message}`).toBe("bad-picture");
      outcomes.set(outcome.message.slice(0, 40), (outcomes.get(outcome.message.slice(0, 40)) ?? 0) + 1);
      continue;
    }
    expectFinite((outcome as Awaited<ReturnType<typeof stylize>["result"]>).picture, what);
    outcomes.set("painted", (outcomes.get("painted") ?? 0) + 1);
  }
  console.log(Object.fromEntries(outcomes));
  expect(outcomes.get("painted")).toBeGreaterThan(0.8 * JOBS);
});
