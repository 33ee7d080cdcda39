// Why what is selected makes no picture yet; texts.ts has the words.

import { MAX_PARTS } from "../../companion/protocol/host/layer-types.ts";
import type { Settings } from "../../companion/protocol/settings.ts";
import { type UseProblem, useProblem } from "../../companion/protocol/style-uses.ts";
import type { Selection } from "../host.ts";
import type { Input, MaskInput, Painting } from "./painting.ts";

export type InputProblem =
  | { kind: "nothing-selected" }
  | { kind: "style-missing" }
  | { kind: "too-many"; count: number }
  | UseProblem
  /** A model that is the style paints the whole picture. */
  | { kind: "model-regions" }
  | { kind: "layer"; name: string; problem: string }
  | { kind: "read-only"; problem: string };

export interface ChosenInputs {
  selection: Selection;
  content: Input | null;
  styles: readonly Input[];
  uses: Painting["uses"];
  masks: readonly MaskInput[];
  /** Whether a model is the style. */
  isFromModel: boolean;
}

/** Null: nothing stands in the way. */
export function problemOf(chosen: ChosenInputs, { styleLayers }: Pick<Settings, "styleLayers">): InputProblem | null {
  const { layers, count, readOnly } = chosen.selection;
  if (readOnly !== null) return { kind: "read-only", problem: readOnly };
  const broken = layers.find((layer) => layer.problem !== null);
  if (chosen.content === null) {
    if (broken?.problem) return { kind: "layer", name: broken.name, problem: broken.problem };
    return { kind: "nothing-selected" };
  }
  if (count > MAX_PARTS) return { kind: "too-many", count };
  if (broken?.problem) return { kind: "layer", name: broken.name, problem: broken.problem };
  if (chosen.styles.length === 0) return { kind: "style-missing" };
  if (chosen.isFromModel && chosen.masks.some(({ role }) => role.kind !== "protect")) return { kind: "model-regions" };
  return useProblem(chosen.uses, styleLayers);
}
