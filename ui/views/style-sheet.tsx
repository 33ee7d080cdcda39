// The styles that were used before, and the host's samples, over the stage. Esc closes it wherever the focus stands:
// keyboard.ts.

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { IconButton } from "../components/button.tsx";
import { Picture } from "../components/picture.tsx";
import type { OtherStyle } from "../state/inputs.ts";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";

export function StyleSheet({ panel }: { panel: Panel }) {
  const dialog = useRef<HTMLElement>(null);
  const { samples } = panel.host.capabilities;
  const stored = panel.styles.list.value;

  const close = () => {
    panel.pickingStyle.value = false;
  };

  // With the mount, not after the next frame: a key that is pressed at once must find the focus here.
  useLayoutEffect(() => {
    const before = document.activeElement;
    dialog.current?.querySelector<HTMLElement>("button")?.focus();
    return () => {
      close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, [panel]);
  useEffect(() => {
    for (const index of samples.keys()) if (!panel.inputs.samples.value.has(index)) void panel.inputs.loadSample(index);
  }, [panel, samples]);

  function pick(style: OtherStyle | null): void {
    panel.inputs.choose(style);
    close();
  }

  return (
    <section class="sheet" ref={dialog} role="dialog" aria-label={TEXTS.pickStyle}>
      <header>
        <h2>{TEXTS.styleSheetTitle}</h2>
        <IconButton icon="close" label={TEXTS.close} onClick={close} />
      </header>
      <div class="sheet-body">
        {stored.length === 0 && samples.length === 0 && <p class="hint">{TEXTS.styleSheetEmpty}</p>}
        {samples.length > 0 && <h3>{TEXTS.styleSheetSamples}</h3>}
        <div class="swatches">
          {samples.map((sample, index) => (
            <Swatch
              key={sample.name}
              name={sample.name}
              bytes={panel.inputs.samples.value.get(index)?.bytes ?? null}
              onClick={() => pick({ from: "sample", index })}
            />
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
      </div>
    </section>
  );
}

function Swatch({ name, bytes, onClick }: { name: string; bytes: Uint8Array | null; onClick(): void }) {
  return (
    <button type="button" class="swatch" aria-label={name} title={name} onClick={onClick}>
      {bytes && <Picture bytes={bytes} label="" />}
    </button>
  );
}
