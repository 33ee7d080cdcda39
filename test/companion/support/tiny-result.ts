// What engines of the tests hand over that paint nothing: a picture of 2 × 2 pixels, and what made it.

import type { Recipe, SettingsChange } from "../../../companion/protocol/recipe.ts";
import type { RequestOf } from "../../../companion/protocol/request.ts";
import type { PictureRef } from "../../../companion/protocol/request-schema.ts";
import type { Finished } from "../../../companion/supervisor/messages.ts";
import { makePng, sha256 } from "./pictures.ts";

export interface TinyResult {
  bytes: Buffer;
  finished: Pick<Finished, "sha256" | "width" | "height" | "seconds" | "recipe">;
}

/** `colors`: twelve bytes at least; others make another picture. */
export function tinyResult(
  colors: Uint8Array,
  order: { request: RequestOf<PictureRef>; changes: SettingsChange[] },
  more: Partial<Recipe> = {},
): TinyResult {
  const bytes = makePng(2, 2, (x, y) => [...colors.subarray(3 * (2 * y + x), 3 * (2 * y + x) + 3)]);
  const { settings, ...inputs } = order.request;
  const recipe: Recipe = {
    ...{ version: 4, inputs, settings, changes: order.changes, iterations: 1, stopped: false, resumed: false },
    ...{ device: "cpu", threads: 1, network: { name: "none", sha256: "0".repeat(64) }, versions: {} },
    ...more,
  };
  return { bytes, finished: { sha256: sha256(bytes), width: 2, height: 2, seconds: 1, recipe } };
}
