// Learning the chosen style on the frames that are listed, folded away: begun, looked at, paused, ended, used.

import { useEffect } from "preact/hooks";
import { MAX_LEARNED_STYLES, OWN_KINDS, OWN_OF_ONE, OWN_OF_SEVERAL } from "../../companion/protocol/learned-styles.ts";
import type { Learning } from "../../companion/protocol/learnings.ts";
import { LEARN_MINUTES, MAX_LEARN_MINUTES } from "../../companion/protocol/limits.ts";
import { Button } from "../components/button.tsx";
import { Notice } from "../components/notice.tsx";
import { NumberField } from "../components/number-field.tsx";
import { Picture } from "../components/picture.tsx";
import { ProgressBar } from "../components/progress.tsx";
import { Select } from "../components/select.tsx";
import type { Panel } from "../state/panel.ts";
import { duration, failureWords, TEXTS } from "../texts.ts";

export function LearnBlock({ panel }: { panel: Panel }) {
  const { learning: model } = panel;
  const learning = model.learning.value;
  const error = model.error.value ?? learning?.error ?? null;
  return (
    <details class="more learn" open={model.busy.value || learning !== null || error !== null}>
      <summary>{TEXTS.learn(stylesOf(panel))}</summary>
      {model.busy.value ? <GoingOn panel={panel} /> : <Resting panel={panel} />}
      {error && <Notice tone="danger" {...failureWords(error)} />}
    </details>
  );
}

/** That are being learned, or would be. */
function stylesOf({ learning, inputs }: Panel): number {
  const { busy, learning: current } = learning;
  if (busy.value && current.value !== null) return 1 + (current.value.request.others?.length ?? 0);
  return Math.min(inputs.styles.value.length, MAX_LEARNED_STYLES);
}

function GoingOn({ panel }: { panel: Panel }) {
  const { learning: model } = panel;
  const learning = model.learning.value;
  const paused = learning?.state === "paused";
  const preview = model.preview.value;
  const reading = model.reading.value;
  const fraction = reading === null ? (learning?.progress?.fraction ?? 0) : 0;
  return (
    <>
      <div class="learn-row">
        {preview && (
          <div class="learn-picture">
            <Picture bytes={preview} label={TEXTS.learnPreview} />
          </div>
        )}
        <div class="learn-words">
          <span role="status">{reading ? TEXTS.learnReading(reading.done, reading.all) : stepWords(learning)}</span>
          <span class="number">{leftWords(learning)}</span>
        </div>
      </div>
      <ProgressBar value={fraction} label={TEXTS.learn(stylesOf(panel))} paused={paused} />
      <div class="actions">
        <Button shortcut="cancel" onClick={() => void model.cancel()}>
          {TEXTS.cancel}
        </Button>
        <Button shortcut="pause" disabled={learning === null} onClick={() => void model.pauseOrResume()}>
          {paused ? TEXTS.resume : TEXTS.pause}
        </Button>
        <Button
          shortcut="useNow"
          disabled={(learning?.progress?.phase ?? "prepare") === "prepare"}
          onClick={() => void model.useNow()}
        >
          {TEXTS.useNow}
        </Button>
      </div>
    </>
  );
}

/** Before it begins, and after its end. */
function Resting({ panel }: { panel: Panel }) {
  const { learning: model, inputs, batch } = panel;
  const learning = model.learning.value;
  const done = learning?.state === "finished" ? learning.learned : null;
  return (
    <>
      <p class="hint">
        {done === null ? TEXTS.learnHint : TEXTS.learnDone(done.gapBefore, done.gapAfter, done.styles?.length ?? 1)}
      </p>
      {done?.notes?.map((note) => (
        <p key={note} class="hint">
          {note}
        </p>
      ))}
      <LearnChoices panel={panel} />
      <div class="row two">
        <NumberField
          label={TEXTS.learnMinutes}
          value={model.minutes.value}
          placeholder={String(LEARN_MINUTES)}
          min={1}
          max={MAX_LEARN_MINUTES}
          step={1}
          onChange={(value) => {
            model.minutes.value = value ?? LEARN_MINUTES;
          }}
        />
        <Button
          shortcut="learn"
          disabled={batch.usable.value === 0 || inputs.style.value === null}
          onClick={() => void (learning?.state === "failed" ? model.pauseOrResume() : model.start())}
        >
          {learning?.state === "failed"
            ? TEXTS.resume
            : done === null
              ? TEXTS.learn(stylesOf(panel))
              : TEXTS.learnAgain}
        </Button>
      </div>
      {learning !== null && done !== null && (
        <Button shortcut="useNow" onClick={() => void model.take(learning)}>
          {TEXTS.learnTake}
        </Button>
      )}
    </>
  );
}

/** What is each style's own, and whether they go into a file that is there. */
function LearnChoices({ panel }: { panel: Panel }) {
  const { own, into, files, loadLearned } = panel.learning;
  useEffect(() => void loadLearned(), [panel]);
  const isAlone = stylesOf(panel) < 2;
  const usual = isAlone ? OWN_OF_ONE : OWN_OF_SEVERAL;
  return (
    <>
      {files.value.length > 0 && (
        <Select
          label={TEXTS.learnInto}
          value={into.value?.id ?? ""}
          options={[
            { value: "", label: TEXTS.learnNewFile },
            ...files.value.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(id) => {
            into.value = files.value.find((file) => file.id === id) ?? null;
          }}
        />
      )}
      {into.value === null && (
        <Select
          label={TEXTS.learnOwn}
          value={own.value === "filters" && !isAlone ? usual : (own.value ?? usual)}
          options={OWN_KINDS.map((kind) => ({
            value: kind,
            label: TEXTS.learnOwnKinds[kind],
            disabled: kind === "filters" && !isAlone,
          }))}
          onChange={(value) => {
            const kind = OWN_KINDS.find((known) => known === value) ?? null;
            own.value = kind === usual ? null : kind;
          }}
        />
      )}
    </>
  );
}

function stepWords(learning: Learning | null): string {
  const progress = learning?.progress ?? null;
  if (learning?.state === "paused") return TEXTS.paused;
  if (progress === null) return TEXTS.starting;
  if (progress.phase === "prepare") return TEXTS.learnPreparing(progress.iteration, progress.iterations);
  return TEXTS.learnSteps(progress.iteration);
}

function leftWords(learning: Learning | null): string {
  const left = learning?.progress?.secondsLeft ?? 0;
  return left > 0 && learning?.state === "running" ? `${duration(left)} left` : "";
}
