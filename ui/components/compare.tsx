// Two pictures on top of each other and a line to drag between them. The line is a native slider: arrow keys,
// Home and End move it.

import { useState } from "preact/hooks";
import { TEXTS } from "../texts.ts";
import { Picture } from "./picture.tsx";

export interface CompareProps {
  before: Uint8Array;
  /** What the first one is; the original where not given. */
  beforeLabel?: string;
  after: Uint8Array;
  /** What the second one is. */
  label: string;
}

export function Compare({ before, beforeLabel = TEXTS.original, after, label }: CompareProps) {
  const [at, setAt] = useState(50);
  return (
    <div class="compare" style={{ "--at": `${at}%` }}>
      <div class="layer">
        <Picture bytes={after} label={label} />
      </div>
      <div class="layer before">
        <Picture bytes={before} label={beforeLabel} />
      </div>
      <span class="tag left" data-hidden={at < 22 ? "" : undefined} aria-hidden="true">
        {beforeLabel}
      </span>
      <span class="tag right" data-hidden={at > 82 ? "" : undefined} aria-hidden="true">
        {label}
      </span>
      <div class="handle" aria-hidden="true" />
      <input
        type="range"
        min={0}
        max={100}
        step={1}
        value={at}
        aria-label={TEXTS.compare(beforeLabel, label)}
        onInput={(event) => setAt(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}
