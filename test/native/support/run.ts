// Small runs for tests: random pictures, the ⅛-width random network of the test vectors, one thread.

import { fileURLToPath } from "node:url";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import type { EngineSettings, NativeRequest } from "../../../native/binding/types.ts";
import { randomPicture } from "./objective.ts";

export const NETWORK = fileURLToPath(new URL("../../vectors/vgg19-eighth.safetensors", import.meta.url));

/** 64 × 48, one scale, ten iterations, unless the settings say otherwise: a second or less. */
export function smallRequest(settings: Partial<EngineSettings> = {}): NativeRequest {
  return {
    content: randomPicture(64, 48, 1),
    styles: [{ picture: randomPicture(56, 60, 2), weight: 1 }],
    settings: {
      ...DEFAULT_SETTINGS,
      device: "cpu",
      threads: 1,
      size: 64,
      minScale: 64,
      firstIterations: 10,
      iterations: 10,
      ...settings,
    },
    networkPath: NETWORK,
  };
}

/** As smallRequest, but it would go on for minutes: for tests that interrupt it. */
export function longRequest(settings: Partial<EngineSettings> = {}): NativeRequest {
  return smallRequest({ optimizer: "adam", firstIterations: 50_000, ...settings });
}
