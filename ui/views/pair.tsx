// Content and style side by side, following the selection, with the button that swaps them.

import type { ComponentChildren } from "preact";
import { IconButton } from "../components/button.tsx";
import { Icon, type IconName } from "../components/icon.tsx";
import { Picture } from "../components/picture.tsx";
import { keyProps } from "../shortcuts.ts";
import type { Input } from "../state/painting.ts";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";
import { StageTools } from "./stage-tools.tsx";

export function Pair({ panel }: { panel: Panel }) {
  const { content, style, canSwap } = panel.inputs;
  const idle = panel.run.phase.value === "idle";
  const stored = panel.styles.list.value.length > 0 || panel.host.capabilities.samples.length > 0;
  return (
    <div class="pair">
      <Tile label={TEXTS.content} input={content.value} empty={TEXTS.noContent} icon="layer" />
      <IconButton
        icon="swap"
        label={TEXTS.swap}
        shortcut="swap"
        disabled={!idle || !canSwap.value}
        onClick={() => panel.inputs.swap()}
      />
      <Tile label={TEXTS.style} input={style.value} empty={stored ? TEXTS.noStyleStored : TEXTS.noStyle} icon="brush">
        <button
          type="button"
          class="tile-action"
          disabled={!idle}
          onClick={() => {
            panel.pickingStyle.value = true;
          }}
          aria-label={TEXTS.pickStyle}
          {...keyProps("pickStyle", TEXTS.pickStyle)}
        >
          <Icon name="chevron" />
        </button>
      </Tile>
      <StageTools panel={panel} />
    </div>
  );
}

interface TileProps {
  label: string;
  input: Input | null;
  empty: string;
  icon: IconName;
  children?: ComponentChildren;
}

function Tile({ label, input, empty, icon, children }: TileProps) {
  return (
    <figure class="tile">
      <figcaption>{label}</figcaption>
      <div class={input?.read ? "tile-picture" : "tile-picture empty"}>
        {input?.thumbnail && <Picture key={input.id} bytes={input.thumbnail} label={`${label}: ${input.name}`} />}
        {!input?.read && <Icon name={icon} />}
        {input === null && <span>{empty}</span>}
        {children}
      </div>
      <span class="tile-name" title={input?.name}>
        {input?.name ?? " "}
      </span>
      <span class="tile-size">{input && input.width > 0 ? `${input.width} × ${input.height}` : " "}</span>
    </figure>
  );
}
