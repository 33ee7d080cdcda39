// The Batch tab: styles, many frames, a row for each.

import { useEffect, useRef, useState } from "preact/hooks";
import { SETTINGS } from "../../companion/protocol/settings.ts";
import { MANY_PICTURES } from "../../companion/protocol/way.ts";
import { Button, IconButton } from "../components/button.tsx";
import { Checkbox } from "../components/checkbox.tsx";
import { Icon } from "../components/icon.tsx";
import { Notice } from "../components/notice.tsx";
import { Picture } from "../components/picture.tsx";
import { ProgressBar } from "../components/progress.tsx";
import { Segmented } from "../components/segmented.tsx";
import { SelectField } from "../components/select.tsx";
import { Slider } from "../components/slider.tsx";
import { BATCH_WAYS, styleInTurn } from "../state/batch-cells.ts";
import type { BatchRow } from "../state/batch-rows.ts";
import type { Panel } from "../state/panel.ts";
import { duration, failureWords, inputProblemWords, rowWords, stylesWords, TEXTS } from "../texts.ts";
import { BatchInsert } from "./batch-insert.tsx";
import { LearnBlock } from "./learn-block.tsx";
import { moveBetweenRows } from "./row-keys.ts";

const STRENGTH = { min: SETTINGS.strength.min, max: SETTINGS.strength.max };

export function BatchView({ panel }: { panel: Panel }) {
  const { batch, host } = panel;
  const choosing = batch.phase.value === "choosing";
  const { scopes } = host.capabilities;
  return (
    <div class="batch">
      <StyleCard panel={panel} />
      {choosing && batch.styleNames.value.length > 1 && (
        <Segmented
          label={TEXTS.batchStyles}
          value={batch.way.value}
          choices={BATCH_WAYS.map((value) => ({ value, label: TEXTS.batchWays[value] }))}
          onChange={(way) => {
            batch.way.value = way;
          }}
        />
      )}
      {scopes.length > 1 ? (
        <Segmented
          label={TEXTS.batchFrom}
          value={batch.scope.value}
          choices={scopes.map((value) => ({ value, label: TEXTS.batchScopes[value] }))}
          disabled={!choosing}
          onChange={(scope) => void batch.list(scope)}
        />
      ) : (
        <div class="row chooser">
          <span class="row-label">{TEXTS.batchFrom}</span>
          <Button shortcut="chooseFolder" disabled={!choosing} onClick={() => void batch.list()}>
            {TEXTS.chooseFolder}
          </Button>
        </div>
      )}
      <ul class="rows" aria-label={TEXTS.batchFrom} onKeyDown={moveBetweenRows}>
        {batch.rows.value.map((row, index) => (
          <Row key={`${row.id} ${choosing ? "" : (row.style ?? "")}`} panel={panel} row={row} index={index} />
        ))}
        {batch.rows.value.length === 0 && (
          <li class="rows-empty">
            <p>{TEXTS.batchEmpty[batch.scope.value]}</p>
          </li>
        )}
      </ul>
      <div class="block batch-block">
        <Summary panel={panel} />
      </div>
    </div>
  );
}

function StyleCard({ panel }: { panel: Panel }) {
  const style = panel.inputs.style.value;
  const { strength, quality, colors } = panel.batch.settings.value;
  const names = panel.batch.styleNames.value;
  const name = names.length > 1 ? stylesWords(names.length) : names[0];
  const summary = `Strength ${strength}, ${TEXTS.qualityChoices[quality]}${colors !== "style" ? ", colors kept" : ""}`;
  return (
    <div class="style-card">
      <div class="style-card-picture">
        {style?.thumbnail ? <Picture key={style.id} bytes={style.thumbnail} label="" /> : <Icon name="brush" />}
      </div>
      <div class="style-card-words">
        <span class="strong" title={names.join(", ")}>
          {name ?? TEXTS.batchNoStyle}
        </span>
        <span class="hint">{name === undefined ? TEXTS.batchNoStyleHint : summary}</span>
      </div>
      <Button kind="plain" shortcut="again" onClick={() => panel.selectTab("stylize")}>
        Change
      </Button>
    </div>
  );
}

function Row({ panel, row, index }: { panel: Panel; row: BatchRow; index: number }) {
  const { batch } = panel;
  const words = rowWords(row);
  const item = useRef<HTMLLIElement>(null);
  /** While another strength is being chosen. */
  const [strength, setStrength] = useState<number | null>(null);
  const present = row.strength ?? batch.settings.value.strength;
  const styles = batch.styleNames.value;
  const hasChoice = row.status === "listed" && row.problem === null && styles.length > 1 && batch.way.value === "turn";
  useEffect(() => {
    if (row.status === "running") item.current?.scrollIntoView({ block: "nearest" });
  }, [row.status]);
  const bad = row.problem !== null || row.error !== null;
  return (
    <li class="batch-row" ref={item} data-status={row.status}>
      <span class="batch-thumb">{row.thumbnail && <Picture bytes={row.thumbnail} label="" />}</span>
      <span class="batch-name" title={row.name}>
        {row.name}
        {row.styleName !== null && <span class="hint">{row.styleName}</span>}
      </span>
      {hasChoice ? (
        <SelectField
          label={TEXTS.batchStyleOf(row.name)}
          value={String(styleInTurn(row, index, styles.length))}
          options={styles.map((label, style) => ({ value: String(style), label }))}
          onChange={(style) => batch.chooseStyle(index, Number(style))}
        />
      ) : (
        <span class={bad ? "batch-status bad" : "batch-status"} title={rowTitle(row)}>
          {row.status === "done" && !bad && <Icon name="check" />}
          {words}
        </span>
      )}
      <span class="batch-action">
        {row.status === "listed" && (
          <IconButton icon="close" label={`${TEXTS.remove} ${row.name}`} onClick={() => batch.remove(index)} />
        )}
        {(row.status === "failed" || row.status === "cancelled") && (
          <IconButton icon="retry" label={`${TEXTS.retry}: ${row.name}`} onClick={() => batch.retry(index)} />
        )}
        {row.status === "done" && !batch.asAnimation.value && (
          <IconButton
            icon="adjust"
            label={TEXTS.batchStrengthOf([row.name, ...(row.styleName === null ? [] : [row.styleName])].join(", "))}
            onClick={() => setStrength(strength === null ? present : null)}
          />
        )}
        {(row.status === "queued" || row.status === "running" || row.status === "paused") && (
          <IconButton icon="skip" label={`${TEXTS.skip} ${row.name}`} onClick={() => batch.skip(index)} />
        )}
      </span>
      {strength !== null && row.status === "done" && (
        <div class="batch-tune">
          <Slider label={TEXTS.strength} value={strength} {...STRENGTH} step={1} onInput={setStrength} />
          <Button
            disabled={strength === present}
            onClick={() => {
              setStrength(null);
              void batch.repaint(index, strength);
            }}
          >
            {TEXTS.batchPaintAgain}
          </Button>
        </div>
      )}
      {row.status === "running" && (
        <div class="batch-bar">
          <ProgressBar value={row.fraction} label={row.name} />
        </div>
      )}
      {row.notes.length > 0 && <p class="batch-note">{row.notes.join(" ")}</p>}
    </li>
  );
}

/** The whole sentence about what the row's few words say. */
function rowTitle(row: BatchRow): string {
  if (row.problem !== null) return inputProblemWords({ kind: "layer", name: row.name, problem: row.problem });
  if (row.error === null) return rowWords(row);
  const { title, body } = failureWords(row.error);
  return `${title}. ${body}`;
}

function Summary({ panel }: { panel: Panel }) {
  const { batch, inputs } = panel;
  const error = batch.error.value;
  const rows = batch.rows.value;
  const phase = batch.phase.value;
  const waiting = batch.insertable.value;
  const evenness = batch.evenness.value;

  useEffect(() => {
    if (phase === "choosing" && rows.length === 0 && batch.scope.value !== "folder") void batch.list();
  }, [batch]);

  if (phase === "choosing") {
    const count = batch.usable.value;
    return (
      <>
        {batch.isMany.value && (
          <Checkbox
            label={TEXTS.batchQuick}
            hint={TEXTS.batchQuickHint(MANY_PICTURES)}
            checked={batch.wantsQuick.value}
            onChange={(wanted) => {
              batch.wantsQuick.value = wanted;
            }}
          />
        )}
        {panel.engineKind.value === "companion" && (
          <Checkbox
            label={TEXTS.batchAnimation}
            hint={TEXTS.batchAnimationHint}
            checked={batch.asAnimation.value}
            onChange={(wanted) => batch.setAnimation(wanted)}
          />
        )}
        {panel.engineKind.value === "companion" && <LearnBlock panel={panel} />}
        {error ? <Notice tone="danger" {...failureWords(error)} /> : <p class="cost">{choosingWords(panel)}</p>}
        <Button
          kind="primary"
          wide
          isDefault
          disabled={count === 0 || inputs.style.value === null}
          onClick={() => void batch.start()}
        >
          {batch.results.value > count ? TEXTS.batchPaint(batch.results.value) : TEXTS.batchApply(count)}
        </Button>
      </>
    );
  }
  const over = phase === "done" || phase === "cancelled";
  const settled = rows.filter((row) => ["done", "failed", "cancelled", "skipped"].includes(row.status)).length;
  const fraction =
    (settled + rows.reduce((sum, row) => sum + (row.status === "running" ? row.fraction : 0), 0)) /
    Math.max(1, rows.length);
  return (
    <>
      <div class="progress-line">
        <span role="status">{`${batch.finished.value} of ${rows.length} done`}</span>
        <span class="number">{summaryWords(panel, over)}</span>
      </div>
      {error && <Notice tone="danger" {...failureWords(error)} />}
      <ProgressBar value={fraction} label={TEXTS.tabs.batch} paused={phase === "paused" || phase === "lost"} />
      {over && evenness !== null && (
        <p class="hint" title={TEXTS.batchSpread(evenness)}>
          {TEXTS.batchEvenness(
            evenness,
            batch.styleNames.value.length > 1 ? evenness.style : null,
            evenness.oddestName,
          )}
        </p>
      )}
      <div class="actions spread">
        {over ? (
          <Button shortcut="newBatch" onClick={() => void batch.close()}>
            {batch.leaving.value ? TEXTS.batchLeave(waiting) : TEXTS.batchNew}
          </Button>
        ) : (
          <>
            <Button shortcut="cancel" onClick={() => batch.cancel()}>
              {TEXTS.cancel}
            </Button>
            <Button
              shortcut="pause"
              disabled={phase === "starting" || phase === "lost"}
              onClick={() => batch.pauseOrResume()}
            >
              {phase === "paused" ? TEXTS.resume : TEXTS.pause}
            </Button>
          </>
        )}
      </div>
      <BatchInsert panel={panel} over={over} />
    </>
  );
}

/** Why the batch can not start, or how many frames are left out. */
function choosingWords({ batch, inputs }: Panel): string {
  if (inputs.style.value === null) return TEXTS.noStyleStored;
  const left = batch.rows.value.length - batch.usable.value;
  return left === 0 ? " " : TEXTS.batchLeftOut(left);
}

function summaryWords({ batch }: Panel, over: boolean): string {
  const failed = batch.rows.value.filter((row) => row.status === "failed").length;
  if (batch.phase.value === "starting") {
    const read = batch.rows.value.filter((row) => row.status !== "reading").length;
    return `Reading ${read} of ${batch.rows.value.length}`;
  }
  if (batch.phase.value === "lost") return "Waiting for the companion";
  if (batch.phase.value === "paused") return TEXTS.paused;
  if (over) return failed > 0 ? `${failed} failed` : "";
  const left = batch.secondsLeft.value;
  return left === null ? "" : `about ${duration(left)} left`;
}
