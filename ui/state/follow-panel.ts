// What the panel's parts do by themselves from its start to its end: they follow the host, the companion and each other.

import { effect, type ReadonlySignal, type Signal, untracked } from "@preact/signals-core";
import type { Plan } from "../../companion/protocol/plan.ts";
import type { EngineCapabilities } from "../engines/style-engine.ts";
import type { Host } from "../host.ts";
import type { BatchModel } from "./batch.ts";
import type { EngineChoice } from "./engine-choice.ts";
import { followCapabilities } from "./follow-capabilities.ts";
import { followPlan } from "./follow-plan.ts";
import type { Inputs } from "./inputs.ts";
import type { LearningModel } from "./learning.ts";
import type { ModelsState } from "./models.ts";
import type { PreferenceStore } from "./preferences.ts";
import type { ReadOnce } from "./read-once.ts";
import { followRecipe } from "./restyle.ts";
import type { RunModel } from "./run.ts";
import type { StoredStyles } from "./stored-styles.ts";

/** Returns what ends it. */
interface Startable {
  start(): () => void;
}

export interface Following {
  host: Host;
  engines: EngineChoice;
  capabilities: Signal<EngineCapabilities | null>;
  plan: Signal<Plan | null>;
  read: ReadOnce;
  inputs: Inputs;
  preferences: PreferenceStore;
  styles: StoredStyles;
  run: RunModel;
  live: Startable;
  explore: Startable;
  stale: Startable;
  canvasPreview: Startable;
}

/** Returns what ends it. */
export function followHost(parts: Following): (() => void)[] {
  const { host, engines, capabilities, plan, read, inputs, preferences, styles, run } = parts;
  return [
    inputs.start(),
    followCapabilities(engines, run, capabilities),
    followPlan(engines, { inputs, preferences, read }, run, plan),
    parts.live.start(),
    parts.explore.start(),
    parts.stale.start(),
    parts.canvasPreview.start(),
    followRecipe({ host, inputs, preferences, styles, run }),
  ];
}

export interface FollowingLink {
  engines: EngineChoice;
  inputs: Inputs;
  batch: BatchModel;
  learning: LearningModel;
  models: ModelsState;
  /** Whether frames are listed as they are selected. */
  listsFrames: ReadonlySignal<boolean>;
}

/** What the companion went on with is found again when it is there; frames are listed as they are selected. Returns what ends it. */
export function followLink(parts: FollowingLink): (() => void)[] {
  const { engines, inputs, batch, learning, models, listsFrames } = parts;
  return [
    effect(() => {
      if (engines.linkKind.value !== "ready") return;
      untracked(() => {
        void batch.recover();
        void learning.recover();
        void models.load();
      });
    }),
    effect(() => {
      inputs.selection.value;
      if (listsFrames.peek()) untracked(() => void batch.list());
    }),
  ];
}
