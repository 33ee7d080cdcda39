// How much memory a network may take here, and what of a picture fits into it at once.

import type { Model } from "../protocol/models.ts";

/** Of what is free now; the rest is for the pictures themselves and for everybody else. */
const SHARE = 0.5;
/** What the process takes before it has a network. */
const PROCESS_BYTES = 256 * 1024 ** 2;
/** A run that takes so much more than was measured has gone wrong. */
const TOLERANCE = 2;
const LEAST_LIMIT_BYTES = 1024 ** 3;

/** Free bytes, also where a container grants fewer than the machine has; 0 where the system does not say. */
export function availableBytes(): number {
  return process.availableMemory();
}

/** Resident bytes at which a network's process is ended while it is looked at for the first time. */
export function importLimitBytes(): number {
  return Math.max(LEAST_LIMIT_BYTES, availableBytes() * SHARE);
}

/** The same for a run with windows of so many pixels. */
export function runLimitBytes(model: Model, windowPixels: number): number {
  return Math.max(LEAST_LIMIT_BYTES, TOLERANCE * peakBytesOf(model, windowPixels));
}

export function peakBytesOf({ restingBytes, bytesPerPixel }: Model, windowPixels: number): number {
  return Math.max(restingBytes, PROCESS_BYTES) + bytesPerPixel * windowPixels;
}

/** Pixels of the largest window that fits. */
export function roomForPixels(model: Model, available: number = availableBytes()): number {
  return Math.max(0, (available * SHARE - peakBytesOf(model, 0)) / model.bytesPerPixel);
}
