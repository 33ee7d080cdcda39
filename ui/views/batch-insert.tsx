// The button that inserts what a batch has painted; beside it, where a document has pages, the choice where that goes.

import { useState } from "preact/hooks";
import { Button, IconButton } from "../components/button.tsx";
import { Segmented } from "../components/segmented.tsx";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";

const TARGETS = ["originals", "page"] as const;

/** `over`: nothing more is going to be painted. */
export function BatchInsert({ panel, over }: { panel: Panel; over: boolean }) {
  const { batch, host } = panel;
  const [isChoosing, setChoosing] = useState(false);
  const waiting = batch.insertable.value;
  const isDone = waiting === 0 && over && batch.finished.value > 0;
  const target = batch.onNewPage.value ? "page" : "originals";
  return (
    <>
      {isChoosing && !isDone && (
        <>
          <Segmented
            label={TEXTS.batchTarget}
            value={target}
            choices={TARGETS.map((value) => ({ value, label: TEXTS.batchTargets[value] }))}
            disabled={batch.inserting.value}
            onChange={(value) => void batch.setOnNewPage(value === "page")}
          />
          <p class="hint">{(batch.isSheet.value ? TEXTS.batchSheetHint : TEXTS.batchTargetHint)[target]}</p>
        </>
      )}
      <div class="insert-row">
        <Button
          kind={over ? "primary" : "secondary"}
          wide
          isDefault={over}
          shortcut="insert"
          disabled={waiting === 0 || batch.inserting.value}
          onClick={() => void batch.insertFinished()}
        >
          {isDone ? TEXTS.batchAllInserted : insertWords(panel, waiting)}
        </Button>
        {host.resultsPage !== undefined && !isDone && (
          <IconButton
            icon="page"
            label={TEXTS.batchWhere}
            shortcut="where"
            pressed={isChoosing}
            onClick={() => setChoosing(!isChoosing)}
          />
        )}
      </div>
    </>
  );
}

function insertWords({ batch, host }: Panel, count: number): string {
  if (host.kind === "web") return TEXTS.batchDownload(count);
  return batch.onNewPage.value ? TEXTS.batchInsertOnPage(count) : TEXTS.batchInsert(count);
}
