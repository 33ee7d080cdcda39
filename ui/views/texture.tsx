// A texture from the chosen style: how large the surface is, how large the tile that repeats over it, and Paint.

import { Button } from "../components/button.tsx";
import { NumberField } from "../components/number-field.tsx";
import { Page } from "../components/page.tsx";
import { Picture } from "../components/picture.tsx";
import { Segmented } from "../components/segmented.tsx";
import type { Panel } from "../state/panel.ts";
import { SURFACE_SIDES, TEXTURE_QUALITIES, TILE_SIDES } from "../state/texture.ts";
import { TEXTS } from "../texts.ts";
import { SettingNumber } from "./setting-number.tsx";

export function TextureView({ panel }: { panel: Panel }) {
  const { texture } = panel;
  const { width, height } = texture.surface.value;
  const style = texture.style.value;

  return (
    <Page title={TEXTS.texture} focus="input" onClose={() => texture.close()}>
      <div class="texture-style">
        {style?.thumbnail && <Picture key={style.id} bytes={style.thumbnail} label={`${TEXTS.style}: ${style.name}`} />}
      </div>
      <p class="line-name" title={style?.name}>
        {style?.name ?? TEXTS.noTextureStyle}
      </p>
      <div class="row two">
        <NumberField
          label={TEXTS.surfaceWidth}
          value={width}
          placeholder=""
          {...SURFACE_SIDES}
          onChange={(value) => {
            texture.surface.value = { height, width: value ?? width };
          }}
        />
        <NumberField
          label={TEXTS.surfaceHeight}
          value={height}
          placeholder=""
          {...SURFACE_SIDES}
          onChange={(value) => {
            texture.surface.value = { width, height: value ?? height };
          }}
        />
      </div>
      <div class="row two">
        <NumberField
          label={TEXTS.tile}
          value={texture.tile.value}
          placeholder=""
          {...TILE_SIDES}
          onChange={(value) => {
            texture.tile.value = value ?? texture.tile.value;
          }}
        />
        <SettingNumber panel={panel} name="styleScale" label={TEXTS.strokes} unit="×" />
      </div>
      <Segmented
        label={TEXTS.quality}
        value={texture.quality.value}
        choices={TEXTURE_QUALITIES.map((value) => ({ value, label: TEXTS.qualityChoices[value] }))}
        onChange={(quality) => {
          texture.quality.value = quality;
        }}
      />
      <div class="row two">
        <SettingNumber panel={panel} name="seed" label={TEXTS.variation} />
      </div>
      <p class="hint">{TEXTS.textureHint}</p>
      <Button kind="primary" wide isDefault disabled={style === null} onClick={() => void texture.start()}>
        {TEXTS.paintTexture}
      </Button>
    </Page>
  );
}
