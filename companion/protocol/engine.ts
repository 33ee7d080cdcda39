// The shape of every engine: native (behind the companion) and WebGL (inside the panel).
// A request is complete in itself; a run is a handle; progress is one plain record.

import type { Losses, Progress } from "./progress.ts";
import type { RequestOf } from "./request.ts";
import type { Settings } from "./settings.ts";

/**
 * Pixels as engines take them: planar [channels, height, width] float32, sRGB-encoded, in 0 … 1.
 * Three channels are RGB, a fourth is alpha (not premultiplied): transparent pixels count in no statistic.
 */
export interface Picture {
  width: number;
  height: number;
  channels: 3 | 4;
  data: Float32Array;
}

export type StylizeRequest = RequestOf<Picture>;

/** Interleaved 8-bit RGB, row by row. */
export interface Preview {
  width: number;
  height: number;
  rgb: Uint8Array;
}

export interface StylizeResult {
  /** Has alpha when the content had it. */
  picture: Picture;
  losses: Losses;
  iterations: number;
  seconds: number;
  device: string;
  fallback?: string;
  /** True when stop() ended it before its last iteration. */
  stopped: boolean;
  /** What a person should know of it: that a region was too small for all of its style, and the like. */
  notes?: string[];
  /** Of a frame of a sequence. */
  shot?: Shot;
}

export interface Shot {
  /** For the frame after it. */
  state: Uint8Array;
  /** It has nothing of the frame before it: the first of all, or the first after a cut. */
  begins: boolean;
}

export interface Run {
  /** Rejects with ImpastoError("cancelled") after the signal aborted. */
  result: Promise<StylizeResult>;
  /** Changes live settings (strength, weights, stepSize) from the next iteration on; throws on any other. */
  update(settings: Partial<Settings>): void;
  pause(): void;
  resume(): void;
  /** Ends after the iteration in work and resolves with the best picture so far. */
  stop(): void;
  /** The best picture so far, at the size of the scale in work; null before the first iteration. */
  preview(): Promise<Preview | null>;
}

export interface RunOptions {
  /** Latest only, at most 20 a second. */
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}
