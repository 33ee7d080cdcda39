// The styles that were used before, and the host's samples, over the stage.

import { useEffect } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Mix } from "../components/mix.tsx";
import { Picture } from "../components/picture.tsx";
import { Sheet } from "../components/sheet.tsx";
import type { OtherStyle } from "../state/other-styles.ts";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";

export function StyleSheet({ panel }: { panel: Panel }) {
  const { samples } = panel.host.capabilities;
  const stored = panel.styles.list.value;

  const close = () => {
    panel.pickingStyle.value = false;
  };

  useEffect(() => {
    panel.inputs.others.loadSamples();
  }, [panel]);

  useEffect(() => void panel.learning.loadLearned(), [panel]);
  const learned = panel.learning.learned.value;

  function pick(style: OtherStyle): void {
    panel.kept.use(style);
    // A mix is adjusted here.
    if (style.from !== "learned" || style.members === undefined) close();
  }

  return (
    <Sheet title={TEXTS.styleSheetTitle} label={TEXTS.pickStyle} onClose={close}>
      {stored.length + samples.length + learned.length === 0 && <p class="hint">{TEXTS.styleSheetEmpty}</p>}
      <StyleMix panel={panel} />
      {samples.length > 0 && <h3>{TEXTS.styleSheetSamples}</h3>}
      <div class="swatches">
        {samples.map((sample, index) => (
          <Swatch
            key={sample.name}
            name={sample.name}
            bytes={panel.inputs.others.samples.value.get(index)?.bytes ?? null}
            onClick={() => pick({ from: "sample", index })}
          />
        ))}
      </div>
      {learned.length > 0 && <h3>{TEXTS.styleSheetLearned}</h3>}
      <div class="swatches">
        {learned.map((style) => (
          <Swatch key={style.id} name={style.picture.name} bytes={style.picture.bytes} onClick={() => pick(style)} />
        ))}
      </div>
      {stored.length > 0 && <h3>{TEXTS.styleSheetRecent}</h3>}
      <div class="swatches">
        {stored.map((style) => (
          <Swatch
            key={style.key}
            name={style.name}
            bytes={style.thumbnail}
            onClick={() => pick({ from: "stored", key: style.key })}
          />
        ))}
      </div>
      {panel.link.state.value.kind === "ready" && <Models panel={panel} onDone={close} />}
      <div class="sheet-foot">
        <Button
          shortcut="texture"
          disabled={panel.texture.style.value === null}
          onClick={() => {
            close();
            panel.texture.open();
          }}
        >
          {TEXTS.textureFromStyle}
        </Button>
        <Button
          shortcut="manageStyles"
          onClick={() => {
            close();
            panel.managingStyles.value = true;
          }}
        >
          {TEXTS.manageStyles}
        </Button>
      </div>
    </Sheet>
  );
}

/** Networks of others, and the way to another one. */
function Models({ panel: { models }, onDone }: { panel: Panel; onDone(): void }) {
  return (
    <>
      <h3>{TEXTS.models}</h3>
      <div class="model-swatches">
        {models.list.value.map(({ name }) => (
          <Button
            key={name}
            onClick={() => {
              models.choose(name);
              onDone();
            }}
          >
            {name}
          </Button>
        ))}
        <Button
          shortcut="models"
          onClick={() => {
            onDone();
            models.open();
          }}
        >
          {TEXTS.addModel}
        </Button>
      </div>
    </>
  );
}

/** Of the present style, where it is several that were learned together. */
function StyleMix({ panel }: { panel: Panel }) {
  const members = panel.inputs.style.value?.members;
  if (members === undefined) return null;
  const { styleMix } = panel.settings.value;
  // The first alone where nothing is said.
  const shares = members.map((_, index) => styleMix?.[index] ?? (styleMix === null && index === 0 ? 1 : 0));
  return (
    <>
      <h3>{TEXTS.mixOf}</h3>
      <Mix
        label={TEXTS.mixOf}
        names={members}
        shares={shares}
        onChange={(next) => panel.setSetting("styleMix", next)}
      />
    </>
  );
}

function Swatch({ name, bytes, onClick }: { name: string; bytes: Uint8Array | null; onClick(): void }) {
  return (
    <button type="button" class="swatch" aria-label={name} title={name} onClick={onClick}>
      {bytes && <Picture bytes={bytes} label="" />}
    </button>
  );
}
