// Checks of a request's settings and of changes to a job, beyond each setting's own range.

import type { JobRecord } from "../ledger/job-record.ts";
import { ImpastoError } from "../protocol/errors.ts";
import {
  parsePartialSettings,
  parseSettings,
  SETTINGS,
  type SettingDescription,
  type SettingName,
  type Settings,
} from "../protocol/settings.ts";

/** All settings of a request. Throws ImpastoError("bad-setting"). */
export function settingsOf(input: unknown): Settings {
  const settings = parseSettings(input);
  checkLayerWeights(settings);
  return settings;
}

/** What a change makes of the settings of a job that has not begun. */
export function replacedSettings(job: JobRecord, input: unknown): Settings {
  const settings = { ...job.settings, ...parsePartialSettings(input) };
  checkLayerWeights(settings);
  return settings;
}

/** A change to a job that has begun: live settings only. */
export function liveChange(job: JobRecord, input: unknown): Partial<Settings> {
  const change = parsePartialSettings(input);
  for (const name of Object.keys(change) as SettingName[]) {
    const description: SettingDescription = SETTINGS[name];
    if (description.live === true) continue;
    throw new ImpastoError("bad-setting", `${description.label} cannot change while the job runs.`, {
      hint: "Start a new job with it.",
    });
  }
  checkLayerWeights({ ...job.settings, ...change });
  return change;
}

function checkLayerWeights(settings: Settings): void {
  for (const kind of ["style", "content"] as const) {
    const weights = settings[`${kind}LayerWeights`];
    const layers = settings[`${kind}Layers`];
    if (weights === null || weights.length === layers.length) continue;
    throw new ImpastoError(
      "bad-setting",
      `Expected ${layers.length} values for ${kind}LayerWeights, one for each layer, but received ${weights.length}.`,
    );
  }
}
