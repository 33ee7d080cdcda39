// What a run and a batch both work with.

import type { Settings } from "../../companion/protocol/settings.ts";
import { wantedSide } from "../../companion/protocol/sizing.ts";
import type { StyleEngine } from "../engines/style-engine.ts";
import type { Host } from "../host.ts";
import type { Inputs } from "./inputs.ts";
import type { PreferenceStore } from "./preferences.ts";
import type { StoredStyles } from "./stored-styles.ts";

export interface WorkParts {
  host: Host;
  inputs: Inputs;
  preferences: PreferenceStore;
  styles: StoredStyles;
  /** The engine that takes what starts next; waits while it is not known yet whether there is a companion. */
  engine(): Promise<StyleEngine>;
}

/** Pictures are read no smaller than this, so that the comparison is sharp. */
const MIN_READ_PX = 1024;
const MAX_READ_PX = 4096;

/** Long side at which a host reads pictures for these settings, px. */
export function readSide(settings: Settings): number {
  return Math.min(MAX_READ_PX, Math.max(MIN_READ_PX, wantedSide(settings)));
}
