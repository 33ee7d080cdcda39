// The content and the style that a run would take: what is selected, what was guessed or swapped, or a stored
// style; with their thumbnails, and the reason when they do not make a pair.

import { computed, effect, signal } from "@preact/signals-core";
import { ImpastoError } from "../../companion/protocol/errors.ts";
import type { Host, Layer, LayerRecipe, Selection, SourcePicture } from "../host.ts";
import type { PreferenceStore } from "./preferences.ts";
import { guessRoles, pairKey } from "./roles.ts";
import type { StoredStyles } from "./stored-styles.ts";

const THUMBNAIL_PX = 288;

/** A style from elsewhere than the selection. */
export type OtherStyle = { from: "stored"; key: string } | { from: "sample"; index: number };

export interface Input {
  id: string;
  /** Null: it is no layer, but a stored style or a sample. */
  layerId: string | null;
  name: string;
  width: number;
  height: number;
  /** PNG or JPEG; null while it is on its way. */
  thumbnail: Uint8Array | null;
  read(maxSide: number): Promise<SourcePicture>;
}

/** Why there is nothing to stylize yet; texts.ts has the words. */
export type InputProblem =
  | { kind: "nothing-selected" }
  | { kind: "style-missing" }
  | { kind: "too-many"; count: number }
  | { kind: "layer"; name: string; problem: string }
  | { kind: "read-only"; problem: string };

export type Inputs = ReturnType<typeof createInputs>;

export function createInputs(host: Host, preferences: PreferenceStore, styles: StoredStyles) {
  const selection = signal<Selection>({ layers: [], count: 0, readOnly: null });
  const swapped = signal<ReadonlySet<string>>(new Set());
  const chosen = signal<OtherStyle | null>(null);
  const thumbnails = signal<ReadonlyMap<string, Uint8Array>>(new Map());
  const samples = signal<ReadonlyMap<number, SourcePicture>>(new Map());
  /** Thumbnails that were asked for since their layers came into view, whatever came of it. */
  const asked = new Set<string>();

  /** The selected layer is a result that can be restyled: its recipe. */
  const recipe = computed<LayerRecipe | null>(() => {
    const { layers } = selection.value;
    return layers.length === 1 ? (layers[0]?.recipe ?? null) : null;
  });

  const roles = computed(() =>
    guessRoles(selection.value.layers, { lastStyleId: preferences.value.value.lastStyleId, swapped: swapped.value }),
  );

  /** Layers whose thumbnails are in view. */
  const shownLayers = computed<readonly string[]>(() => {
    const { content, style } = roles.value;
    return [content?.id, style?.id, recipe.value?.styleId].filter((id) => typeof id === "string");
  });

  const content = computed<Input | null>(() => (roles.value.content ? layerInput(roles.value.content) : null));

  const style = computed<Input | null>(() => {
    const other = chosen.value;
    if (other === null && roles.value.style !== null) return layerInput(roles.value.style);
    if (other?.from === "sample") return sampleInput(other.index);
    const made = recipe.value;
    if (other === null && made !== null && made.styleId !== null) {
      // The style that a result was made with, wherever its layer is now.
      return layerInput({ id: made.styleId, name: made.styleName, width: 0, height: 0 });
    }
    const fallback = made?.styleKey ?? preferences.value.value.lastStyleKey;
    return storedInput(other?.key ?? fallback);
  });

  const problem = computed<InputProblem | null>(() => {
    const { layers, count, readOnly } = selection.value;
    if (readOnly !== null) return { kind: "read-only", problem: readOnly };
    const broken = layers.find((layer) => layer.problem !== null);
    if (content.value === null) {
      if (broken?.problem) return { kind: "layer", name: broken.name, problem: broken.problem };
      return { kind: "nothing-selected" };
    }
    if (count > 2) return { kind: "too-many", count };
    if (broken?.problem) return { kind: "layer", name: broken.name, problem: broken.problem };
    return style.value === null ? { kind: "style-missing" } : null;
  });

  function layerInput({ id, name, width, height }: Pick<Layer, "id" | "name" | "width" | "height">): Input {
    const thumbnail = thumbnails.value.get(id) ?? null;
    return { id, layerId: id, name, width, height, thumbnail, read: (maxSide) => host.readPicture(id, { maxSide }) };
  }

  function storedInput(key: string | null): Input | null {
    const found = styles.list.value.find((other) => other.key === key);
    if (found === undefined) return null;
    const { name, width, height, thumbnail } = found;
    const read = async () => {
      const picture = await styles.read(found.key);
      if (picture === null) {
        throw new ImpastoError("not-found", `The style “${name}” is no longer stored.`, {
          hint: "Pick another style, or select a layer for it.",
        });
      }
      return picture;
    };
    return { id: `stored:${found.key}`, layerId: null, name, width, height, thumbnail, read };
  }

  function sampleInput(index: number): Input | null {
    const sample = host.capabilities.samples[index];
    if (sample === undefined) return null;
    const loaded = samples.value.get(index);
    return {
      id: `sample:${index}`,
      layerId: null,
      name: sample.name,
      width: loaded?.width ?? 0,
      height: loaded?.height ?? 0,
      thumbnail: loaded?.bytes ?? null,
      read: () => sample.load(),
    };
  }

  async function fetchThumbnail(layerId: string): Promise<void> {
    asked.add(layerId);
    const bytes = await host.thumbnail(layerId, THUMBNAIL_PX).catch(() => null);
    const wanted = shownLayers.value.includes(layerId);
    if (bytes !== null && wanted) thumbnails.value = new Map(thumbnails.value).set(layerId, bytes);
  }

  return {
    selection,
    recipe,
    content,
    style,
    problem,
    samples,
    /** Whether the style is a layer of the selection, so that swapping makes sense. */
    canSwap: computed(() => chosen.value === null && roles.value.style !== null),

    /** Follows the host from now on. Returns the way to stop. */
    start(): () => void {
      const stopListening = host.onSelection((next) => {
        const before = new Set(selection.value.layers.map(({ id }) => id));
        selection.value = next;
        const kept = shownLayers.value;
        for (const id of asked) if (!kept.includes(id)) asked.delete(id);
        thumbnails.value = new Map([...thumbnails.value].filter(([id]) => kept.includes(id)));
        // Choosing a second layer says more than a style that was picked before.
        if (next.layers.length > 1 && next.layers.some(({ id }) => !before.has(id))) chosen.value = null;
      });
      const stopThumbnails = effect(() => {
        for (const id of shownLayers.value) if (!asked.has(id)) void fetchThumbnail(id);
      });
      return () => {
        stopListening();
        stopThumbnails();
      };
    },

    swap(): void {
      const { content: a, style: b } = roles.value;
      if (a === null || b === null) return;
      const key = pairKey(a, b);
      const next = new Set(swapped.value);
      if (!next.delete(key)) next.add(key);
      swapped.value = next;
    },

    choose(style: OtherStyle | null): void {
      chosen.value = style;
      if (style?.from === "sample" && !samples.value.has(style.index)) void loadSample(style.index);
    },

    loadSample,
  };

  async function loadSample(index: number): Promise<void> {
    const picture = await host.capabilities.samples[index]?.load().catch(() => undefined);
    if (picture !== undefined) samples.value = new Map(samples.value).set(index, picture);
  }
}
