// A texture from the chosen style: a tile that repeats without a seam over a surface of any size.

import { computed, signal } from "@preact/signals-core";
import { SETTINGS, type Settings } from "../../companion/protocol/settings.ts";
import { FROM_STYLE_ALONE } from "../../companion/protocol/texture.ts";
import type { Host } from "../host.ts";
import { fromCanvas } from "../pictures.ts";
import type { Inputs } from "./inputs.ts";
import { isPicture, type PictureInput } from "./painting.ts";
import type { PreferenceStore } from "./preferences.ts";
import type { RunModel } from "./run.ts";
import type { RunSources } from "./run-sources.ts";
import { styleKey } from "./stored-styles.ts";
import { readSide } from "./work-parts.ts";

export const TEXTURE_QUALITIES = ["draft", "standard", "fine"] as const satisfies readonly Settings["quality"][];
export type TextureQuality = (typeof TEXTURE_QUALITIES)[number];

/** Sides of the surface and of its tile, px. */
export const SURFACE_SIDES = { min: 64, max: 8192, step: 1, unit: "px" } as const;
export const TILE_SIDES = { min: 128, max: 2048, step: 1, unit: "px" } as const;
const FIRST_SURFACE = { width: 1024, height: 1024 };
const FIRST_TILE_PX = 512;

export interface TextureParts {
  host: Host;
  inputs: Inputs;
  preferences: PreferenceStore;
  run: RunModel;
}

export type TextureModel = ReturnType<typeof createTexture>;

export function createTexture({ inputs, preferences, run }: TextureParts) {
  const isOpen = signal(false);
  const surface = signal(FIRST_SURFACE);
  const tile = signal(FIRST_TILE_PX);
  const quality = signal<TextureQuality>("standard");
  /** One layer alone is as good a style as any. */
  const style = computed<PictureInput | null>(() => inputs.styles.value.find(isPicture) ?? inputs.content.value);

  async function readSources(from: PictureInput): Promise<RunSources> {
    const { settings } = preferences.value.value;
    const picture = await from.read({ maxSide: readSide(settings) });
    const side = tile.value;
    const content = { ...(await drawFlat(side)), name: "Texture" };
    return {
      content,
      styles: [{ picture, weight: 1 }],
      uses: [null],
      styleName: picture.name,
      styleKey: styleKey(picture),
      made: { contentId: from.layerId ?? "", styleId: from.layerId, moreStyles: [], masks: [], keepText: false },
      fixed: { ...FIXED, size: side, quality: quality.value },
      surface: { ...surface.value, besideId: from.layerId },
    };
  }

  return {
    isOpen,
    surface,
    tile,
    quality,
    style,
    open(): void {
      isOpen.value = true;
    },
    close(): void {
      isOpen.value = false;
    },
    async start(): Promise<void> {
      const from = style.value;
      if (from !== null) await run.startWith(() => readSources(from));
    },
  };
}

/** What a texture takes no part of: it has no subject whose colors, lines or edges could be kept. */
const FIXED = {
  ...FROM_STYLE_ALONE,
  seamless: "both",
  colors: SETTINGS.colors.default,
  photoreal: SETTINGS.photoreal.default,
  detail: SETTINGS.detail.default,
  contentLoss: SETTINGS.contentLoss.default,
  model: null,
  budget: null,
} as const satisfies Partial<Settings>;

/** What a run takes for its content: of the asked size, and nothing else of it counts. */
function drawFlat(side: number) {
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.fillStyle = "#808080";
  context.fillRect(0, 0, side, side);
  return fromCanvas(canvas);
}
