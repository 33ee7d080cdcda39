// The content, the styles and the masks that a run would take: what is selected, with roles that were guessed or given, or a
// stored style; with their thumbnails, and the reason when they do not make a picture.

import { computed, effect, signal } from "@preact/signals-core";
import { ImpastoError } from "../../companion/protocol/errors.ts";
import { MAX_PARTS } from "../../companion/protocol/host/layer-types.ts";
import { isMask, type Role } from "../../companion/protocol/host/roles.ts";
import { type StyleUse, type UseProblem, useProblem } from "../../companion/protocol/style-uses.ts";
import type { Host, Layer, LayerRecipe, Selection, SourcePicture } from "../host.ts";
import type { Input, MaskInput, Painting } from "./painting.ts";
import type { PreferenceStore } from "./preferences.ts";
import { changeRole, type Roles, rolesOf, selectionKey } from "./roles.ts";
import type { StoredStyles } from "./stored-styles.ts";

const THUMBNAIL_PX = 288;

/** A style from elsewhere than the selection. */
export type OtherStyle = { from: "stored"; key: string } | { from: "sample"; index: number } | LearnedStyle;

/** A learned style, as a picture that brings along what was learned. */
export interface LearnedStyle {
  from: "learned";
  id: string;
  picture: SourcePicture;
}

/** Why there is nothing to stylize yet; texts.ts has the words. */
export type InputProblem =
  | { kind: "nothing-selected" }
  | { kind: "style-missing" }
  | { kind: "too-many"; count: number }
  | UseProblem
  | { kind: "layer"; name: string; problem: string }
  | { kind: "read-only"; problem: string };

/** One line of the list in which roles are given. */
export interface RoleRow {
  id: string;
  name: string;
  thumbnail: Uint8Array | null;
  role: Role;
  /** What of a style counts; null: all of it. */
  use: StyleUse | null;
  /** Null: it is a stored style or a sample, which is never anything else. */
  layerId: string | null;
}

export type Inputs = ReturnType<typeof createInputs>;

export function createInputs(host: Host, preferences: PreferenceStore, storedStyles: StoredStyles) {
  const selection = signal<Selection>({ layers: [], count: 0, readOnly: null });
  const given = signal<ReadonlyMap<string, Roles>>(new Map());
  /** By the style's id. */
  const chosenUses = signal<ReadonlyMap<string, StyleUse>>(new Map());
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

  /** What roles are given to; of a selection that is too long for that the first two, to be shown. */
  const layers = computed<readonly Layer[]>(() => {
    const { layers, count } = selection.value;
    return layers.filter(({ problem }) => problem === null).slice(0, count > MAX_PARTS ? 2 : MAX_PARTS);
  });

  const otherStyle = computed<Input | null>(() => {
    if (chosen.value !== null) return other(chosen.value);
    return storedInput(recipe.value?.styleKey ?? preferences.value.value.lastStyleKey);
  });

  const roles = computed(() =>
    rolesOf(layers.value, {
      lastStyleId: preferences.value.value.lastStyleId,
      hasOtherStyle: otherStyle.value !== null,
      given: given.value,
    }),
  );

  const withRole = (wanted: (role: Role) => boolean): Layer[] =>
    layers.value.filter(({ id }) => {
      const role = roles.value.get(id);
      return role !== undefined && wanted(role);
    });

  /** Layers whose thumbnails are in view. */
  const shownLayers = computed<readonly string[]>(() => {
    const made = recipe.value?.styleId;
    return [...layers.value.map(({ id }) => id), ...(typeof made === "string" ? [made] : [])];
  });

  const content = computed<Input | null>(() => {
    const [layer] = withRole(({ kind }) => kind === "content");
    return layer === undefined ? null : layerInput(layer);
  });

  const masks = computed<readonly MaskInput[]>(() =>
    withRole(isMask).map(({ id, name, kind }) => {
      const role = roles.value.get(id) as MaskInput["role"];
      return { layerId: id, name, role, byAlpha: kind === "shape" || kind === "text" };
    }),
  );

  /** Two layers side by side say all; from the third on, and with masks, each has a row. */
  const showsRows = computed(() => layers.value.length > 2 || masks.value.length > 0);

  const styles = computed<readonly Input[]>(() => {
    const selected = withRole(({ kind }) => kind === "style").map(layerInput);
    const other = otherStyle.value;
    if (chosen.value !== null) return other === null ? [] : showsRows.value ? [...selected, other] : [other];
    if (selected.length > 0) return selected;
    const made = recipe.value;
    if (made !== null && made.styleId !== null) {
      // The style that a result was made with, wherever its layer is now.
      return [layerInput({ id: made.styleId, name: made.styleName, width: 0, height: 0 })];
    }
    return other === null ? [] : [other];
  });

  const style = computed<Input | null>(() => styles.value[0] ?? null);

  /** A style alone counts as a whole. */
  const uses = computed<Painting["uses"]>(() =>
    styles.value.map(({ id }) => (styles.value.length > 1 ? (chosenUses.value.get(id) ?? null) : null)),
  );

  const textOffered = computed(() => withRole(({ kind }) => kind === "content").some(({ hasText }) => hasText));

  const painting = computed<Painting | null>(() => {
    if (content.value === null || styles.value.length === 0) return null;
    const keepText = textOffered.value && preferences.value.value.keepText;
    return { content: content.value, styles: styles.value, uses: uses.value, masks: masks.value, keepText };
  });

  const rows = computed<readonly RoleRow[]>(() => {
    const useOf = (id: string) => uses.value[styles.value.findIndex((style) => style.id === id)] ?? null;
    const ofLayers = layers.value.map(({ id, name }) => {
      const role: Role = roles.value.get(id) ?? { kind: "unused" };
      return { id, name, thumbnail: thumbnails.value.get(id) ?? null, role, use: useOf(id), layerId: id };
    });
    const others = styles.value.filter(({ layerId }) => layerId === null);
    return [
      ...ofLayers,
      ...others.map((input) => ({ ...input, role: { kind: "style" as const }, use: useOf(input.id) })),
    ];
  });

  const problem = computed<InputProblem | null>(() => {
    const { layers: selected, count, readOnly } = selection.value;
    if (readOnly !== null) return { kind: "read-only", problem: readOnly };
    const broken = selected.find((layer) => layer.problem !== null);
    if (content.value === null) {
      if (broken?.problem) return { kind: "layer", name: broken.name, problem: broken.problem };
      return { kind: "nothing-selected" };
    }
    if (count > MAX_PARTS) return { kind: "too-many", count };
    if (broken?.problem) return { kind: "layer", name: broken.name, problem: broken.problem };
    if (style.value === null) return { kind: "style-missing" };
    const { styleLayers } = preferences.value.value.settings;
    return useProblem(uses.value, styleLayers);
  });

  function other(style: OtherStyle): Input | null {
    switch (style.from) {
      case "sample":
        return sampleInput(style.index);
      case "stored":
        return storedInput(style.key);
      case "learned":
        return learnedInput(style);
    }
  }

  function layerInput({ id, name, width, height }: Pick<Layer, "id" | "name" | "width" | "height">): Input {
    const thumbnail = thumbnails.value.get(id) ?? null;
    return { id, layerId: id, name, width, height, thumbnail, read: (options) => host.readPicture(id, options) };
  }

  function storedInput(key: string | null): Input | null {
    const found = storedStyles.list.value.find((other) => other.key === key);
    if (found === undefined) return null;
    const { name, width, height, thumbnail } = found;
    const read = async () => {
      const picture = await storedStyles.read(found.key);
      if (picture === null) {
        throw new ImpastoError("not-found", `The style “${name}” is no longer stored.`, {
          hint: "Pick another style, or select a layer for it.",
        });
      }
      return picture;
    };
    return { id: `stored:${found.key}`, layerId: null, name, width, height, thumbnail, read };
  }

  function learnedInput({ id, picture }: LearnedStyle): Input {
    const { bytes, name, width, height } = picture;
    const read = () => Promise.resolve(picture);
    return { id: `learned:${id}`, layerId: null, name, width, height, thumbnail: bytes, read };
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
    /** The first of the styles, or all that there is. */
    style,
    styles,
    /** All that a run is made of; null while something is missing. */
    painting,
    rows,
    showsRows,
    /** The content holds text that could stay text. */
    textOffered,
    problem,
    samples,
    /** Whether the style is a layer of the selection, so that swapping makes sense. */
    canSwap: computed(() => style.value !== null && style.value.layerId !== null && recipe.value === null),

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
      const [other] = withRole(({ kind }) => kind === "style");
      if (other !== undefined) setRole(other.id, { kind: "content" });
    },

    setRole,
    /** As a run would take it; null when it is gone. */
    other,

    /** What of a style counts; null: all of it. */
    setUse(id: string, use: StyleUse | null): void {
      const others = [...chosenUses.value].filter(([other]) => other !== id);
      chosenUses.value = new Map(use === null ? others : [...others, [id, use]]);
    },

    choose(style: OtherStyle | null): void {
      chosen.value = style;
      if (style?.from === "sample" && !samples.value.has(style.index)) void loadSample(style.index);
    },

    loadSample,
  };

  function setRole(layerId: string, role: Role): void {
    const key = selectionKey(layers.value);
    given.value = new Map(given.value).set(key, changeRole(roles.value, layerId, role));
  }

  async function loadSample(index: number): Promise<void> {
    const picture = await host.capabilities.samples[index]?.load().catch(() => undefined);
    if (picture !== undefined) samples.value = new Map(samples.value).set(index, picture);
  }
}
