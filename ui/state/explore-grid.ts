// What varies around the present settings: a cell for each variation, row by row.

import { computed, signal } from "@preact/signals-core";
import { GRIDS, type Grid, type Variation, variationsOf } from "../../companion/protocol/explore.ts";
import { liveSettings } from "../../companion/protocol/live.ts";
import type { Host } from "../host.ts";
import { type ExploredStyle, stylesToExplore } from "./explored-styles.ts";
import type { Inputs } from "./inputs.ts";
import type { PreferenceStore } from "./preferences.ts";
import { paintingKey } from "./read-once.ts";
import type { StoredStyles } from "./stored-styles.ts";

/** Three by three are as many as a narrow panel shows. */
const MAX_STYLES = 3;
/** Long side of a cell's picture: three times its place in the panel, so that it is sharp in a frame of its own. */
export const CELL_PX = 256;

export interface ExploreCell extends Variation {
  key: string;
  /** Which style it is painted in, where styles vary. */
  styleName: string | null;
}

export interface ExploreGridParts {
  host: Host;
  inputs: Inputs;
  preferences: PreferenceStore;
  styles: StoredStyles;
}

export type ExploreGrid = ReturnType<typeof createExploreGrid>;

export function createExploreGrid({ host, inputs, preferences, styles }: ExploreGridParts) {
  const wanted = signal<Grid>("strokes");
  const explored = computed(() => stylesToExplore(host, inputs, styles, MAX_STYLES));

  /** Styles that count at some of the layers each, or that lack company, leave nothing to vary. */
  const grids = computed<readonly Grid[]>(() => {
    const isWhole = (inputs.painting.value?.uses ?? []).every((use) => use === null);
    return GRIDS.filter((one) => {
      if (one === "styles") return explored.value.length > 1;
      return one === "strokes" || isWhole;
    });
  });
  const grid = computed<Grid>(() => (grids.value.includes(wanted.value) ? wanted.value : "strokes"));
  const rows = computed(() => variationsOf(grid.value, preferences.value.value.settings, explored.value.length));

  const cells = computed<readonly ExploreCell[]>(() => {
    const painting = inputs.painting.value;
    const { settings } = preferences.value.value;
    const varied = explored.value;
    const layers = painting === null ? "" : paintingKey(painting);
    return rows.value.flat().map((variation) => {
      const style = variation.style === null ? null : (varied[variation.style]?.input ?? null);
      const all = liveSettings({ ...settings, ...variation.settings }, { width: CELL_PX, height: CELL_PX });
      const key = JSON.stringify([layers, style?.id ?? null, all]);
      return { ...variation, key, styleName: style?.name ?? null };
    });
  });

  return {
    /** What can vary. */
    grids,
    grid,
    columns: computed(() => rows.value[0]?.length ?? 1),
    cells,
    /** The style that a cell is painted in instead of those that are chosen. */
    styleOf: ({ style }: ExploreCell): ExploredStyle | undefined =>
      style === null ? undefined : explored.peek()[style],
    vary(by: Grid): void {
      wanted.value = by;
    },
  };
}
