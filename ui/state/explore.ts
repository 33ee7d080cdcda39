// Small variations around the present settings: looked at, one of them taken over, all of them put into the document.

import { computed, signal } from "@preact/signals-core";
import type { Grid } from "../../companion/protocol/explore.ts";
import type { LivePicture } from "../engines/style-engine.ts";
import type { SheetCell } from "../host.ts";
import { createExploreGrid, type ExploreCell, type ExploreGridParts } from "./explore-grid.ts";
import { createExplorePainter } from "./explore-painter.ts";
import type { ExploredStyle } from "./explored-styles.ts";
import type { PaintedPicture } from "./history.ts";
import type { QuickPainterParts } from "./quick-picture.ts";
import { type RunSources, toSources } from "./run-sources.ts";
import { toErrorBody } from "./to-error-body.ts";
import { readSide } from "./work-parts.ts";

export interface ExploreParts extends ExploreGridParts, QuickPainterParts {
  /** Called with what was put into the document together. */
  onInserted(...painted: readonly PaintedPicture[]): void;
}

export type Explore = ReturnType<typeof createExplore>;

export function createExplore(parts: ExploreParts) {
  const { host, inputs, preferences, read } = parts;
  const isOpen = signal(false);
  const chosen = signal<number | null>(null);
  const inserting = signal(false);
  const grid = createExploreGrid(parts);
  const { cells, columns, styleOf } = grid;
  const painter = createExplorePainter(parts, grid, isOpen);
  const { pictures, isStopped } = painter;

  function close(): void {
    isOpen.value = false;
    chosen.value = null;
    isStopped.value = false;
    painter.forgetStyles();
  }

  return {
    isOpen,
    grid: grid.grid,
    grids: grid.grids,
    cells,
    columns,
    pictures,
    chosen,
    state: painter.state,
    inserting,
    painted: computed(() => cells.value.filter(({ key }) => pictures.value.has(key)).length),

    open(): void {
      isOpen.value = true;
      inputs.others.loadSamples();
    },
    close,
    vary(by: Grid): void {
      grid.vary(by);
      chosen.value = null;
      isStopped.value = false;
    },
    stopOrGoOn(): void {
      isStopped.value = !isStopped.value;
    },

    /** The chosen cell's settings, and its style, become the present ones. */
    take(): void {
      const cell = cells.value[chosen.value ?? -1];
      if (cell === undefined) return;
      const style = styleOf(cell);
      close();
      preferences.setSettings(cell.settings);
      style?.take();
    },

    /** What is painted goes into the document as one labelled sheet. */
    async insertAll(labelOf: (cell: ExploreCell) => string, name: string): Promise<void> {
      const painting = inputs.painting.value;
      if (painting === null || inserting.value) return;
      inserting.value = true;
      try {
        const { settings } = preferences.value.value;
        const sources = toSources(painting, await read(painting, readSide(settings)));
        const sheet = cells.value.flatMap((cell) => {
          const picture = pictures.value.get(cell.key);
          if (picture === undefined) return [];
          const recipe = { ...recipeOf(sources, styleOf(cell)), settings: { ...settings, ...cell.settings } };
          return [sheetCell(picture, labelOf(cell), recipe)];
        });
        await host.insertSheet({ contentId: painting.content.id, name, columns: columns.value, cells: sheet });
        parts.onInserted(...sheet);
      } catch (cause) {
        const { message, hint = "" } = toErrorBody(cause);
        host.notify(`${message} ${hint}`.trim(), { error: true });
      } finally {
        inserting.value = false;
      }
    },

    /** Follows what is chosen from now on. Returns what ends it. */
    start: painter.start,
  };
}

function sheetCell({ bytes, width, height }: LivePicture, label: string, recipe: SheetCell["recipe"]): SheetCell {
  return { bytes, width, height, label, recipe };
}

/** Of a cell; `style`: the one that it is painted in instead of those that are chosen. */
function recipeOf({ made, content, styleName, styleKey }: RunSources, style: ExploredStyle | undefined) {
  const instead = style && {
    styleId: style.input.layerId,
    styleName: style.input.name,
    styleKey: style.key,
    moreStyles: [],
  };
  return { version: 1 as const, ...made, contentName: content.name, styleName, styleKey, ...instead };
}
