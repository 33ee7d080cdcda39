// The live preview beside the original, and above it, in one line, what it is made of.

import { IconButton } from "../components/button.tsx";
import { Compare } from "../components/compare.tsx";
import { Icon } from "../components/icon.tsx";
import { Picture } from "../components/picture.tsx";
import { Sheet } from "../components/sheet.tsx";
import { keyProps } from "../shortcuts.ts";
import type { Panel } from "../state/panel.ts";
import { stylesWords, TEXTS } from "../texts.ts";
import { RoleRows } from "./role-list.tsx";
import { StageTools } from "./stage-tools.tsx";

export function LiveStage({ panel }: { panel: Panel }) {
  const { inputs, live } = panel;
  const view = live.view.value;
  const thumbnail = inputs.content.value?.thumbnail;
  const close = () => {
    panel.listingLayers.value = false;
  };
  return (
    <>
      <SourceLine panel={panel} />
      <div class="picture-stage">
        {view ? (
          <Compare
            before={view.read.content.bytes}
            after={view.picture.bytes}
            label={live.state.value.kind === "painting" ? TEXTS.paintingPreview : TEXTS.preview}
          />
        ) : (
          <>
            {thumbnail && <Picture bytes={thumbnail} label={TEXTS.original} />}
            <span class="tag right">{TEXTS.paintingPreview}</span>
          </>
        )}
      </div>
      {panel.listingLayers.value && (
        <Sheet title={TEXTS.layers} onClose={close}>
          <RoleRows panel={panel} />
        </Sheet>
      )}
    </>
  );
}

function SourceLine({ panel }: { panel: Panel }) {
  const { content, styles, style, canSwap, showsRows } = panel.inputs;
  const many = showsRows.value;
  const idle = panel.run.phase.value === "idle";
  const styleName = many ? stylesWords(styles.value.length) : (style.value?.name ?? "");
  return (
    <div class="stage-line">
      <span class="line-name" title={content.value?.name}>
        {content.value?.name}
      </span>
      {!many && (
        <IconButton
          icon="swap"
          label={TEXTS.swap}
          shortcut="swap"
          disabled={!idle || !canSwap.value}
          onClick={() => panel.inputs.swap()}
        />
      )}
      <button
        type="button"
        class="line-style"
        disabled={!idle}
        aria-label={`${many ? TEXTS.layers : TEXTS.pickStyle}: ${styleName}`}
        {...keyProps("pickStyle", styleName)}
        onClick={() => {
          const sheet = many ? panel.listingLayers : panel.pickingStyle;
          sheet.value = true;
        }}
      >
        {style.value?.thumbnail && (
          <span class="line-thumb">
            <Picture key={style.value.id} bytes={style.value.thumbnail} label="" />
          </span>
        )}
        <span>{styleName}</span>
        <Icon name="chevron" />
      </button>
      <StageTools panel={panel} />
    </div>
  );
}
