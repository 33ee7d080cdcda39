// What the engine that takes the next run can do, asked anew whenever it may have changed.

import { effect, type Signal } from "@preact/signals-core";
import type { EngineCapabilities } from "../engines/style-engine.ts";
import type { EngineChoice } from "./engine-choice.ts";
import type { RunModel } from "./run.ts";

/** Keeps what the present engine can do up to date. Returns what ends it. */
export function followCapabilities(
  { linkKind, engineKind, present }: EngineChoice,
  run: RunModel,
  capabilities: Signal<EngineCapabilities | null>,
): () => void {
  return effect(() => {
    const asked = engineKind.value;
    if (linkKind.value === "starting" && asked === "companion") return;
    // A GPU that gave up in the middle of a picture is another one afterwards.
    if (asked === "panel") void run.phase.value;
    const ask = present().capabilities();
    ask.then(
      (answer) => {
        if (engineKind.peek() === asked) capabilities.value = answer;
      },
      () => {
        if (engineKind.peek() === asked) capabilities.value = null;
      },
    );
  });
}
