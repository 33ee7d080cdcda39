// The pictures that were painted before: choose one, look at it beside the newest, take its settings, put it in again.

import { useId } from "preact/hooks";
import { Button, IconButton } from "../components/button.tsx";
import { Page } from "../components/page.tsx";
import { Compare } from "../components/compare.tsx";
import { Picture } from "../components/picture.tsx";
import type { PastResult } from "../engines/style-engine.ts";
import { resultName, settingsWords, shortWhen, whenWords } from "../result-words.ts";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";

export function HistoryView({ panel }: { panel: Panel }) {
  const { history, host } = panel;
  const name = useId();
  const results = history.results.value;
  const chosen = history.chosen.value;

  const take = () => {
    history.takeSettings();
    if (panel.run.phase.value === "done") panel.run.back();
  };
  return (
    <Page title={TEXTS.history} opener=".top .icon-button" onClose={() => history.close()}>
      <div class="picture-stage">
        <Look panel={panel} />
      </div>
      <div class="history-words" role="status">
        <Words panel={panel} />
      </div>
      <div class="history-list">
        <fieldset class="cells">
          <legend class="offscreen">{TEXTS.history}</legend>
          {results.map((result) => (
            <Cell
              key={result.id}
              name={name}
              result={result}
              bytes={history.thumbnails.value.get(result.id) ?? null}
              checked={chosen?.id === result.id}
              onChoose={() => void history.choose(result.id)}
              onTake={take}
            />
          ))}
        </fieldset>
        {history.hasOlder.value && (
          <Button wide disabled={history.isLoading.value} onClick={() => void history.older()}>
            {TEXTS.older}
          </Button>
        )}
      </div>
      <div class="actions spread">
        {host.capabilities.results === "both" && (
          <Button shortcut="download" disabled={chosen === null} onClick={() => void history.download()}>
            {TEXTS.download}
          </Button>
        )}
        <Button
          shortcut="insert"
          disabled={chosen === null || history.inserting.value}
          onClick={() => void history.insert()}
        >
          {history.inserting.value ? TEXTS.inserting : TEXTS.insertAgain}
        </Button>
        <Button kind="primary" isDefault disabled={chosen === null} onClick={take}>
          {TEXTS.takeSettings}
        </Button>
      </div>
    </Page>
  );
}

/** In the row of tabs: of use in every tab, and in nobody's way. */
export function HistoryButton({ panel }: { panel: Panel }) {
  const { history, run, tab } = panel;
  const isShown = history.isOpen.value && tab.value === "stylize";
  return (
    <IconButton
      icon="history"
      label={TEXTS.history}
      shortcut="history"
      pressed={isShown}
      disabled={run.active.value || run.phase.value === "failed"}
      onClick={() => {
        if (isShown) return history.close();
        panel.selectTab("stylize");
        history.open();
      }}
    />
  );
}

function Look({ panel: { history } }: { panel: Panel }) {
  const chosen = history.chosen.value;
  if (chosen === null) return null;
  const pictures = history.pictures.value;
  const bytes = pictures.get(chosen.id) ?? history.thumbnails.value.get(chosen.id);
  if (bytes === undefined) return null;
  const newest = history.compared.value;
  const before = newest === null ? undefined : pictures.get(newest.id);
  if (before === undefined) return <Picture key={chosen.id} bytes={bytes} label={resultName(chosen)} />;
  return <Compare before={before} beforeLabel={TEXTS.newest} after={bytes} label={shortWhen(chosen.at)} />;
}

function Words({ panel: { history } }: { panel: Panel }) {
  const chosen = history.chosen.value;
  if (chosen === null) return <p class="hint">{hintWords(history)}</p>;
  const words = settingsWords(chosen.settings);
  const said = history.insertedId.value === chosen.id ? TEXTS.inserted : whenWords(chosen.at);
  return (
    <>
      <p class="line-name" title={resultName(chosen)}>
        {resultName(chosen)}
      </p>
      <p class="history-settings" title={words}>
        {words}
      </p>
      <p class="shelf-note">{`${said} · ${chosen.width} × ${chosen.height} px`}</p>
    </>
  );
}

function hintWords({ results, isLoading, error }: Panel["history"]): string {
  if (results.value.length > 0) return TEXTS.historyHint;
  if (error.value !== null) return error.value.message;
  return isLoading.value ? TEXTS.historyLoading : TEXTS.historyEmpty;
}

interface CellProps {
  name: string;
  result: PastResult;
  bytes: Uint8Array | null;
  checked: boolean;
  onChoose(): void;
  onTake(): void;
}

function Cell({ name, result, bytes, checked, onChoose, onTake }: CellProps) {
  const words = `${resultName(result)}, ${whenWords(result.at)}`;
  return (
    <label class="cell" title={words} onDblClick={onTake}>
      <input type="radio" name={name} checked={checked} onChange={onChoose} aria-label={words} />
      <span class="cell-picture">{bytes && <Picture bytes={bytes} label="" />}</span>
      <span class="cell-words" aria-hidden="true">
        {shortWhen(result.at)}
      </span>
    </label>
  );
}
