// The expected time and memory of the next run.

import { effect, type Signal } from "@preact/signals-core";
import { isPassing } from "../../companion/protocol/errors.ts";
import type { Plan } from "../../companion/protocol/plan.ts";
import type { Settings } from "../../companion/protocol/settings.ts";
import type { EngineChoice } from "./engine-choice.ts";
import type { ReadOnce } from "./read-once.ts";
import type { RunModel } from "./run.ts";
import { toRequest } from "./run-sources.ts";
import { readSide, type WorkParts } from "./work-parts.ts";

/** After the last change of an input or a setting, before the cost is asked for. */
const PLAN_DELAY_MS = 350;
/** After an answer that may be another one soon; twice as long each time. */
const RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 60_000;

/** Keeps the plan up to date; only while nothing runs. Returns what ends it. */
export function followPlan(
  { linkKind, engineKind, present }: EngineChoice,
  { inputs, preferences, read }: Pick<WorkParts, "inputs" | "preferences"> & { read: ReadOnce },
  run: RunModel,
  plan: Signal<Plan | null>,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;
  const stop = effect(() => {
    const { settings } = preferences.value.value;
    const painting = inputs.painting.value;
    const from = engineKind.value;
    const state = linkKind.value;
    clearTimeout(timer);
    asked += 1;
    plan.value = null;
    if (painting === null || run.phase.value !== "idle") return;
    if (from === "companion" && state !== "ready") return;
    const mine = asked;
    timer = setTimeout(() => void ask(mine, settings, RETRY_MS), PLAN_DELAY_MS);
  });
  async function ask(mine: number, settings: Settings, retryMs: number): Promise<void> {
    const painting = inputs.painting.peek();
    if (painting === null) return;
    try {
      const side = readSide(settings);
      const pictures = await read(painting, side);
      if (mine !== asked) return;
      const answer = await present().plan(toRequest(pictures, settings));
      if (mine === asked) plan.value = answer;
    } catch (error) {
      // No estimate is shown then; a run says what is wrong.
      if (mine !== asked || !isPassing(error, "engine-crashed")) return;
      timer = setTimeout(() => void ask(mine, settings, Math.min(2 * retryMs, LONGEST_RETRY_MS)), retryMs);
    }
  }
  return () => {
    clearTimeout(timer);
    stop();
  };
}
