// Checks of a request's settings and of changes to a job, beyond each setting's own range.

import type { JobRecord } from "../ledger/job-record.ts";
import { parsePartialSettings, parseSettings, type Settings } from "../protocol/settings.ts";
import { checkInitial, checkLayerWeights, checkLive, checkMethod } from "../protocol/settings-checks.ts";

/** All settings of a request, which may bring a picture to start from. Throws ImpastoError("bad-setting"). */
export function settingsOf(input: unknown, hasInitial: boolean): Settings {
  const settings = parseSettings(input);
  checkLayerWeights(settings);
  checkInitial(settings, hasInitial);
  checkMethod(settings);
  return settings;
}

/** What a change makes of the settings of a job that has not begun. */
export function replacedSettings(job: JobRecord, input: unknown): Settings {
  const settings = { ...job.settings, ...parsePartialSettings(input) };
  checkLayerWeights(settings);
  checkInitial(settings, job.request.initial !== undefined);
  checkMethod(settings);
  return settings;
}

/** A change to a job that has begun: live settings only. */
export function liveChange(job: JobRecord, input: unknown): Partial<Settings> {
  const change = parsePartialSettings(input);
  checkLive(change);
  checkLayerWeights({ ...job.settings, ...change });
  return change;
}
