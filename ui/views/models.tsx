// Networks of others: which there are, another one on its way in, and what was found out about it.

import type { Model } from "../../companion/protocol/models.ts";
import { Button, IconButton } from "../components/button.tsx";
import { Notice } from "../components/notice.tsx";
import { Page } from "../components/page.tsx";
import { ProgressBar } from "../components/progress.tsx";
import { pickFiles } from "../files.ts";
import { modelFacts, modelLine } from "../model-words.ts";
import { MODEL_ENDINGS } from "../panel-files.ts";
import type { Panel } from "../state/panel.ts";
import { bytes, percent, TEXTS } from "../texts.ts";
import { moveBetweenRows } from "./row-keys.ts";

export function ModelsView({ panel }: { panel: Panel }) {
  const { models } = panel;
  const { found, error, list } = models;
  const use = (name: string) => {
    models.choose(name);
    models.close();
  };
  return (
    <Page title={TEXTS.models} onClose={() => models.close()}>
      {found.value === null ? (
        <>
          <p class="hint">{TEXTS.modelsHint}</p>
          <ul class="shelf models" onKeyDown={moveBetweenRows}>
            {list.value.map((model) => (
              <Row
                key={model.name}
                model={model}
                onUse={() => use(model.name)}
                onRemove={() => void models.remove(model.name)}
              />
            ))}
          </ul>
        </>
      ) : (
        <Found model={found.value} />
      )}
      {error.value && <Notice tone="danger" title={error.value.message} body={error.value.hint ?? TEXTS.tryAnother} />}
      <Actions panel={panel} onUse={use} />
    </Page>
  );
}

function Actions({ panel, onUse }: { panel: Panel; onUse(name: string): void }) {
  const { models } = panel;
  const adding = models.adding.value;
  const found = models.found.value;
  if (adding !== null) {
    return (
      <>
        <div class="progress-line">
          <span role="status" class="line-name" title={adding.name}>
            {adding.sent < 1 ? `${TEXTS.modelSending} ${adding.name}` : TEXTS.modelTrying}
          </span>
          <span class="number">{adding.sent < 1 ? percent(adding.sent) : ""}</span>
        </div>
        <ProgressBar value={adding.sent} label={TEXTS.addModel} />
        <div class="actions">
          <Button shortcut="cancel" onClick={() => models.cancel()}>
            {TEXTS.cancel}
          </Button>
        </div>
      </>
    );
  }
  if (found !== null) {
    return (
      <div class="actions spread">
        <Button onClick={() => void models.remove(found.name)}>{TEXTS.remove}</Button>
        <Button kind="primary" isDefault onClick={() => onUse(found.name)}>
          {TEXTS.modelUse}
        </Button>
      </div>
    );
  }
  return (
    <Button
      kind="primary"
      wide
      isDefault
      shortcut="models"
      onClick={() =>
        void pickFiles(MODEL_ENDINGS).then(([file]) => {
          if (file !== undefined) void models.add(file);
        })
      }
    >
      {TEXTS.chooseModel}
    </Button>
  );
}

/** A person looks at what was found out before it paints. */
function Found({ model }: { model: Model }) {
  return (
    <>
      <p class="strong" role="status">
        {TEXTS.modelFound(model.name)}
      </p>
      <dl class="model-facts" tabIndex={0}>
        {modelFacts(model).map(({ label, words, tried }) => (
          <div class="model-fact" key={label}>
            <dt title={label}>{label}</dt>
            <dd>
              {words}
              {tried && <span class="hint"> {TEXTS.modelTried}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Row({ model, onUse, onRemove }: { model: Model; onUse(): void; onRemove(): void }) {
  const { name } = model;
  return (
    <li class="shelf-row model-row">
      <button type="button" class="model-use" title={TEXTS.useModel(name)} onClick={onUse}>
        <span class="strong">{name}</span>
        <span class="shelf-note">{`${modelLine(model)} · ${bytes(model.bytes)}`}</span>
      </button>
      <IconButton icon="close" label={TEXTS.removeModel(name)} onClick={onRemove} />
    </li>
  );
}
