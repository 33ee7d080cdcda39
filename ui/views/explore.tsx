// The variations: what varies, the grid to choose from, and what is done with the chosen cell.

import { useId } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Page } from "../components/page.tsx";
import { Picture } from "../components/picture.tsx";
import { Segmented } from "../components/segmented.tsx";
import type { ExploreCell } from "../state/explore-grid.ts";
import type { Panel } from "../state/panel.ts";
import { cellWords, exploreWords, shortCellWords, TEXTS } from "../texts.ts";

export function ExploreView({ panel }: { panel: Panel }) {
  const { explore, inputs } = panel;
  const name = useId();
  const cells = explore.cells.value;
  const chosen = cells[explore.chosen.value ?? -1];
  const grids = explore.grids.value;
  const painted = explore.painted.value;
  const { kind } = explore.state.value;

  const take = () => explore.take();
  return (
    <Page
      title={TEXTS.explore}
      focus="input:checked, button"
      opener=".stage-tools button"
      onClose={() => explore.close()}
    >
      {grids.length > 1 && (
        <Segmented
          label={TEXTS.vary}
          value={explore.grid.value}
          choices={grids.map((value) => ({ value, label: TEXTS.grids[value] }))}
          onChange={(grid) => explore.vary(grid)}
        />
      )}
      <p class="hint">{TEXTS.gridHints[explore.grid.value]}</p>
      <fieldset class={explore.columns.value > 3 ? "cells four" : "cells"}>
        <legend class="offscreen">{TEXTS.variations}</legend>
        {cells.map((cell, index) => (
          <Cell
            key={index}
            name={name}
            cell={cell}
            bytes={explore.pictures.value.get(cell.key)?.bytes ?? null}
            checked={explore.chosen.value === index}
            onChoose={() => {
              explore.chosen.value = index;
            }}
            onTake={take}
          />
        ))}
      </fieldset>
      <div class="explore-status">
        <span role="status">
          {kind === "done" && chosen ? cellWords(chosen) : exploreWords(explore.state.value, painted, cells.length)}
        </span>
        {kind === "painting" || kind === "waiting" || kind === "stopped" ? (
          <Button kind="plain" shortcut="pause" onClick={() => explore.stopOrGoOn()}>
            {kind === "stopped" ? TEXTS.goOn : TEXTS.stop}
          </Button>
        ) : null}
      </div>
      <div class="actions spread">
        <Button
          shortcut="insert"
          disabled={painted === 0 || kind === "painting" || explore.inserting.value}
          onClick={() =>
            void explore.insertAll(cellWords, TEXTS.sheetName(inputs.content.value?.name ?? TEXTS.variations))
          }
        >
          {TEXTS.insertAll}
        </Button>
        <Button
          shortcut="variation"
          disabled={chosen === undefined}
          onClick={() => {
            take();
            void panel.run.start();
          }}
        >
          {TEXTS.stylize}
        </Button>
        <Button kind="primary" isDefault disabled={chosen === undefined} onClick={take}>
          {TEXTS.takeSettings}
        </Button>
      </div>
    </Page>
  );
}

interface CellProps {
  name: string;
  cell: ExploreCell;
  bytes: Uint8Array | null;
  checked: boolean;
  onChoose(): void;
  onTake(): void;
}

function Cell({ name, cell, bytes, checked, onChoose, onTake }: CellProps) {
  const words = cellWords(cell);
  return (
    <label class="cell" title={words} onDblClick={onTake}>
      <input type="radio" name={name} checked={checked} onChange={onChoose} aria-label={words} />
      <span class="cell-picture">{bytes && <Picture bytes={bytes} label="" />}</span>
      <span class="cell-words" aria-hidden="true">
        {shortCellWords(cell)}
      </span>
    </label>
  );
}
