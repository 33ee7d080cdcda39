// Whether what is chosen has a quick picture: the live preview and the variations are such pictures.

import type { ReadonlySignal } from "@preact/signals-core";
import { type ErrorBody, isPassing } from "../../companion/protocol/errors.ts";
import { liveSettings, liveSteps } from "../../companion/protocol/live.ts";
import type { Settings } from "../../companion/protocol/settings.ts";
import { checkMethod } from "../../companion/protocol/settings-checks.ts";
import type { EngineCapabilities } from "../engines/style-engine.ts";
import type { EngineChoice } from "./engine-choice.ts";
import type { Inputs } from "./inputs.ts";
import type { Painting } from "./painting.ts";
import type { PreferenceStore } from "./preferences.ts";
import type { ReadOnce } from "./read-once.ts";
import type { RunModel } from "./run.ts";

export interface QuickPictureParts {
  engines: EngineChoice;
  /** Of the engine that takes the next run; null while that is not known. */
  capabilities: ReadonlySignal<EngineCapabilities | null>;
  inputs: Inputs;
}

/** Of what paints such pictures while somebody looks. */
export interface QuickPainterParts extends QuickPictureParts {
  preferences: PreferenceStore;
  run: RunModel;
  read: ReadOnce;
  /** Whether the place where they stand is in view now. */
  seen: ReadonlySignal<boolean>;
}

export type NoQuickPicture =
  /** There is nothing to paint, or nobody yet to paint it. */
  | { kind: "off" }
  /** texts.ts has the words. */
  | { kind: "unavailable"; why: "companion" | "settings" };

export type QuickState =
  | NoQuickPicture
  | { kind: "painting" }
  /** Other work comes first; tried again by itself. */
  | { kind: "waiting" }
  | { kind: "failed"; error: ErrorBody };

/** While other work comes first an engine refuses with such an error; asked again later it paints. */
export function mayPaintLater(error: unknown): boolean {
  return isPassing(error, "cancelled");
}

/** Until it is asked again: twice as long each time. */
export const RETRY_MS = 2_000;
export const LONGEST_RETRY_MS = 30_000;

export interface QuickPainting {
  painting: Painting;
  /** The settings of each of its live pictures. */
  steps: Settings[];
}

/** What is chosen, painted quick with these settings. Follows the signals that it reads. */
export function findQuickPainting(
  { engines, capabilities, inputs }: QuickPictureParts,
  settings: Settings,
): QuickPainting | NoQuickPicture {
  const painting = inputs.painting.value;
  if (painting === null || inputs.problem.value !== null || inputs.recipe.value !== null) return { kind: "off" };
  const can = capabilities.value;
  const isThere = engines.engineKind.value === "panel" || engines.linkKind.value === "ready";
  if (can === null || can.kind !== engines.engineKind.value || !isThere) return { kind: "off" };
  if (!can.live) return { kind: "unavailable", why: "companion" };
  const { content } = painting;
  const size = { width: Math.max(1, content.width), height: Math.max(1, content.height) };
  const steps = liveSteps(settings, size).map((step) => liveSettings(step, size));
  const isQuick = settings.model === null && steps.every(isPaintable);
  return isQuick ? { painting, steps } : { kind: "unavailable", why: "settings" };
}

function isPaintable(settings: Settings): boolean {
  try {
    checkMethod(settings);
    return true;
  } catch {
    return false;
  }
}
