// The styles that one keeps: use, rename, save as a file, remove; keep the present one; bring files in.

import { STYLE_FILE_ENDING } from "../../companion/protocol/style-segments.ts";
import { Button, IconButton } from "../components/button.tsx";
import { Page } from "../components/page.tsx";
import { Picture } from "../components/picture.tsx";
import { pickFiles } from "../files.ts";
import type { Panel } from "../state/panel.ts";
import type { StoredStyle } from "../state/stored-styles.ts";
import { keptWords, TEXTS } from "../texts.ts";
import { moveBetweenRows } from "./row-keys.ts";

export function ShelfView({ panel }: { panel: Panel }) {
  const { styles, kept, inputs } = panel;
  const list = styles.list.value;
  const close = () => {
    panel.managingStyles.value = false;
  };

  return (
    <Page title={TEXTS.yourStyles} onClose={close}>
      <p class="hint">{list.length === 0 ? TEXTS.styleSheetEmpty : TEXTS.shelfHint}</p>
      <ul class="shelf" onKeyDown={moveBetweenRows}>
        {list.map((style) => (
          <Row
            key={style.key}
            style={style}
            onUse={() => {
              kept.use({ from: "stored", key: style.key });
              close();
            }}
            onRename={(name) => void styles.rename(style.key, name)}
            onSave={() => void kept.save(style)}
            onRemove={() => void styles.forget(style.key)}
          />
        ))}
      </ul>
      <div class="actions spread">
        <Button
          shortcut="bringIn"
          onClick={() => void pickFiles([STYLE_FILE_ENDING, "image/*"]).then((files) => kept.bringIn(files))}
        >
          {TEXTS.bringIn}
        </Button>
        <Button
          kind="primary"
          shortcut="keep"
          disabled={inputs.style.value === null}
          onClick={() => void kept.keepPresent()}
        >
          {TEXTS.keepStyle(inputs.style.value?.name ?? TEXTS.style)}
        </Button>
      </div>
    </Page>
  );
}

interface RowProps {
  style: StoredStyle;
  onUse(): void;
  onRename(name: string): void;
  onSave(): void;
  onRemove(): void;
}

function Row({ style, onUse, onRename, onSave, onRemove }: RowProps) {
  const { name, thumbnail } = style;
  return (
    <li class="shelf-row">
      <button
        type="button"
        class="swatch"
        aria-label={TEXTS.useStyle(name)}
        title={TEXTS.useStyle(name)}
        onClick={onUse}
      >
        <Picture bytes={thumbnail} label="" />
      </button>
      <span class="shelf-words">
        <input
          type="text"
          class="shelf-name"
          value={name}
          maxLength={80}
          aria-label={TEXTS.nameOf(name)}
          onChange={(event) => {
            const typed = event.currentTarget.value.trim();
            if (typed === "") event.currentTarget.value = name;
            else onRename(typed);
          }}
        />
        <span class="shelf-note">{keptWords(style)}</span>
      </span>
      <IconButton icon="download" label={TEXTS.saveStyle(name)} onClick={onSave} />
      <IconButton icon="close" label={TEXTS.removeStyle(name)} onClick={onRemove} />
    </li>
  );
}
