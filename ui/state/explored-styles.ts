// The styles that variations are painted in side by side: those that are chosen, then what was used before and the samples.

import type { Host } from "../host.ts";
import type { Inputs } from "./inputs.ts";
import { isPicture, type PictureInput } from "./painting.ts";
import type { StoredStyles } from "./stored-styles.ts";

export interface ExploredStyle {
  input: PictureInput;
  /** Of the stored style that it is. */
  key: string | null;
  /** It alone becomes the style. */
  take(): void;
}

export function stylesToExplore(
  host: Host,
  inputs: Inputs,
  { list }: StoredStyles,
  count: number,
): readonly ExploredStyle[] {
  const present = inputs.styles.value.filter(isPicture);
  const found: ExploredStyle[] = present.map((input) => ({
    input,
    key: null,
    take() {
      for (const { layerId } of present) {
        if (layerId !== null && layerId !== input.layerId) inputs.setRole(layerId, { kind: "unused" });
      }
    },
  }));
  const others = [
    ...list.value.map(({ key }) => ({ from: "stored" as const, key })),
    ...host.capabilities.samples.map((_, index) => ({ from: "sample" as const, index })),
  ];
  for (const other of others) {
    const input = inputs.others.input(other);
    if (
      input === null ||
      !isPicture(input) ||
      found.some((one) => one.input.id === input.id || one.input.name === input.name)
    )
      continue;
    found.push({ input, key: other.from === "stored" ? other.key : null, take: () => inputs.choose(other) });
  }
  return found.slice(0, count);
}
