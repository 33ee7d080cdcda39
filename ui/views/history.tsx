// The pictures that were painted before: choose one, look at it beside the newest, take its settings, put it in again.

import { useEffect, useId } from "preact/hooks";
import { Button, IconButton } from "../components/button.tsx";
import { Compare } from "../components/compare.tsx";
import { Icon } from "../components/icon.tsx";
import { Page } from "../components/page.tsx";
import { Picture } from "../components/picture.tsx";
import type { PastBatch, PastResult } from "../engines/style-engine.ts";
import { resultName, settingsWords, shortWhen, whenWords } from "../result-words.ts";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";

export function HistoryView({ panel }: { panel: Panel }) {
  const { history } = panel;
  const opened = history.opened.value;
  const take = () => {
    history.takeSettings();
    if (panel.run.phase.value === "done") panel.run.back();
  };
  return (
    <Page
      key={opened?.id ?? ""}
      title={opened === null ? TEXTS.history : resultName(opened)}
      opener=".top .icon-button"
      {...(opened !== null && { onBack: () => history.leaveBatch() })}
      onClose={() => history.close()}
    >
      {history.results.value.length === 0 ? <Nothing panel={panel} /> : <Results panel={panel} onTake={take} />}
    </Page>
  );
}

/** The newest is looked at until another one is chosen. */
function Results({ panel, onTake }: ActionsProps) {
  const { history } = panel;
  const name = useId();
  const results = history.results.value;
  const chosen = history.chosen.value;
  const opened = history.opened.value;
  const newest = results[0]?.id;
  useEffect(() => {
    if (chosen === null && newest !== undefined) void history.choose(newest);
  }, [chosen === null, newest]);
  return (
    <>
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
              opened={opened !== null}
              onChoose={() => void history.choose(result.id)}
              onTake={result.batch === undefined ? onTake : () => void history.openBatch()}
            />
          ))}
        </fieldset>
        {history.hasOlder.value && (
          <Button wide shortcut="older" disabled={history.isLoading.value} onClick={() => void history.older()}>
            {opened === null ? TEXTS.older : TEXTS.more}
          </Button>
        )}
      </div>
      {chosen?.batch === undefined ? (
        <ResultActions panel={panel} onTake={onTake} />
      ) : (
        <BatchActions panel={panel} batch={chosen.batch} onTake={onTake} />
      )}
    </>
  );
}

/** As tall as results are: they may be on their way. */
function Nothing({ panel: { history } }: { panel: Panel }) {
  const { error, isLoading, opened } = history;
  const isEmpty = error.value === null && !isLoading.value && opened.value === null;
  return (
    <div class="history-nothing">
      <p role="status">{nothingWords(history)}</p>
      {isEmpty && (
        <Button kind="primary" isDefault onClick={() => history.close()}>
          {TEXTS.historyBegin}
        </Button>
      )}
      {error.value !== null && opened.value === null && (
        <Button kind="primary" isDefault onClick={() => history.open()}>
          {TEXTS.tryAgain}
        </Button>
      )}
    </div>
  );
}

interface ActionsProps {
  panel: Panel;
  onTake(): void;
}

/** Of a picture; also while none is chosen. */
function ResultActions({ panel: { history, host }, onTake }: ActionsProps) {
  const chosen = history.chosen.value;
  return (
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
      <Button kind="primary" isDefault disabled={chosen === null} onClick={onTake}>
        {TEXTS.takeSettings}
      </Button>
    </div>
  );
}

function BatchActions({ panel, batch, onTake }: ActionsProps & { batch: PastBatch }) {
  return (
    <div class="actions spread">
      <Button
        shortcut="repaint"
        disabled={panel.batch.phase.value !== "choosing"}
        onClick={() => void panel.repeatBatch(batch)}
      >
        {TEXTS.batchPaintAgain}
      </Button>
      <Button onClick={onTake}>{TEXTS.takeSettings}</Button>
      <Button kind="primary" isDefault onClick={() => void panel.history.openBatch()}>
        {TEXTS.openBatch}
      </Button>
    </div>
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
  if (chosen === null) return null;
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
      <p class="shelf-note">{chosen.batch === undefined ? `${said} · ${chosen.width} × ${chosen.height} px` : said}</p>
    </>
  );
}

function nothingWords({ isLoading, error, opened }: Panel["history"]): string {
  if (error.value !== null) return error.value.message;
  if (isLoading.value) return TEXTS.historyLoading;
  return opened.value === null ? TEXTS.historyEmpty : TEXTS.historyBatchEmpty;
}

/** Of a batch's pictures all are of the same time, and how many they are says more. */
function cellWords({ at, batch, contentName }: PastResult, opened: boolean): string {
  if (opened) return contentName;
  return batch === undefined ? shortWhen(at) : `${batch.results} · ${shortWhen(at)}`;
}

interface CellProps {
  name: string;
  result: PastResult;
  bytes: Uint8Array | null;
  checked: boolean;
  /** One of a batch that is looked into. */
  opened: boolean;
  onChoose(): void;
  onTake(): void;
}

function Cell({ name, result, bytes, checked, opened, onChoose, onTake }: CellProps) {
  const words = `${resultName(result)}, ${whenWords(result.at)}`;
  return (
    <label class="cell" title={words} onDblClick={onTake}>
      <input type="radio" name={name} checked={checked} onChange={onChoose} aria-label={words} />
      <span class="cell-picture">{bytes && <Picture bytes={bytes} label="" />}</span>
      <span class="cell-words" aria-hidden="true">
        {result.batch !== undefined && <Icon name="layer" />}
        {cellWords(result, opened)}
      </span>
    </label>
  );
}
