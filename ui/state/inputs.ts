// The content, the styles and the masks that a run would take: what is selected, with roles that were guessed or given, or a
// stored style; with their thumbnails, and the reason when they do not make a picture.

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { isMask, type Role } from "../../companion/protocol/host/roles.ts";
import type { Model } from "../../companion/protocol/models.ts";
import type { StyleUse } from "../../companion/protocol/style-uses.ts";
import type { Host, Layer, LayerRecipe, Selection } from "../host.ts";
import { problemOf } from "./input-problem.ts";
import { createLayerRoles } from "./layer-roles.ts";
import { createOtherStyles, modelStyle, type OtherStyle } from "./other-styles.ts";
import type { Input, MaskInput, Painting, PictureInput } from "./painting.ts";
import type { PreferenceStore } from "./preferences.ts";
import type { StoredStyles } from "./stored-styles.ts";
import { createThumbnails } from "./thumbnails.ts";

/** One line of the list in which roles are given. */
export interface RoleRow {
  id: string;
  name: string;
  thumbnail: Uint8Array | null;
  role: Role;
  /** What of a style counts; null: all of it. */
  use: StyleUse | null;
  /** Null: it is a stored style, a sample or a model, which is never anything else. */
  layerId: string | null;
}

export type Inputs = ReturnType<typeof createInputs>;

export interface InputsParts {
  host: Host;
  preferences: PreferenceStore;
  storedStyles: StoredStyles;
  /** The model that paints; null: none does. */
  model: ReadonlySignal<Model | null>;
  /** Where layers are selected for one picture; elsewhere they are many pictures for the same style. */
  isForOnePicture: ReadonlySignal<boolean>;
}

export function createInputs({ host, preferences, storedStyles, model, isForOnePicture }: InputsParts) {
  const selection = signal<Selection>({ layers: [], count: 0, readOnly: null });
  /** By the style's id. */
  const chosenUses = signal<ReadonlyMap<string, StyleUse>>(new Map());
  const chosen = signal<OtherStyle | null>(null);
  const others = createOtherStyles(host, storedStyles);
  /** The selected layer is a result that can be restyled: its recipe. */
  const recipe = computed<LayerRecipe | null>(() => {
    const { layers } = selection.value;
    return layers.length === 1 ? (layers[0]?.recipe ?? null) : null;
  });

  const fromModel = computed(() => modelStyle(model.value));

  const otherStyle = computed<Input | null>(() => {
    if (chosen.value !== null) return others.input(chosen.value);
    return others.stored(recipe.value?.styleKey ?? preferences.value.value.lastStyleKey);
  });

  const hasOtherStyle = computed(() => fromModel.value !== null || otherStyle.value !== null);
  const { layers, withRole, roleOf, setRole, swap } = createLayerRoles(selection, preferences, hasOtherStyle);

  /** Layers whose thumbnails are in view. */
  const shownLayers = computed<readonly string[]>(() => {
    const made = recipe.value?.styleId;
    return [...layers.value.map(({ id }) => id), ...(typeof made === "string" ? [made] : [])];
  });
  const shown = createThumbnails(host, shownLayers);

  const content = computed<PictureInput | null>(() => {
    const [layer] = withRole(({ kind }) => kind === "content");
    return layer === undefined ? null : layerInput(layer);
  });

  const masks = computed<readonly MaskInput[]>(() =>
    withRole(isMask).map(({ id, name, kind }) => {
      const role = roleOf(id) as MaskInput["role"];
      return { layerId: id, name, role, byAlpha: kind === "shape" || kind === "text" };
    }),
  );

  /** Two layers side by side say all; from the third on, and with masks, each has a row. */
  const showsRows = computed(() => layers.value.length > 2 || masks.value.length > 0);

  const styles = computed<readonly Input[]>(() => {
    if (fromModel.value !== null) return [fromModel.value];
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
      const thumbnail = shown.thumbnails.value.get(id) ?? null;
      return { id, name, thumbnail, role: roleOf(id), use: useOf(id), layerId: id };
    });
    const unselected = styles.value.filter(({ layerId }) => layerId === null);
    return [
      ...ofLayers,
      ...unselected.map((input) => ({ ...input, role: { kind: "style" as const }, use: useOf(input.id) })),
    ];
  });

  const problem = computed(() => {
    const isFromModel = fromModel.value !== null;
    const parts = { content: content.value, styles: styles.value, uses: uses.value, masks: masks.value };
    return problemOf({ selection: selection.value, ...parts, isFromModel }, preferences.value.value.settings);
  });

  function layerInput({ id, name, width, height }: Pick<Layer, "id" | "name" | "width" | "height">): PictureInput {
    const thumbnail = shown.thumbnails.value.get(id) ?? null;
    return { id, layerId: id, name, width, height, thumbnail, read: (options) => host.readPicture(id, options) };
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
    others,
    /** Whether the style is a layer of the selection, so that swapping makes sense. */
    canSwap: computed(() => style.value !== null && style.value.layerId !== null && recipe.value === null),

    /** Follows the host from now on. Returns the way to stop. */
    start(): () => void {
      const stopListening = host.onSelection((next) => {
        const before = new Set(selection.value.layers.map(({ id }) => id));
        selection.value = next;
        shown.forgetUnseen();
        // Choosing a second layer says more than a style that was picked before.
        if (next.layers.length > 1 && next.layers.some(({ id }) => !before.has(id))) {
          chosen.value = null;
          if (isForOnePicture.value) leaveModel();
        }
      });
      const stopThumbnails = shown.start();
      return () => {
        stopListening();
        stopThumbnails();
      };
    },

    swap,
    setRole,

    /** What of a style counts; null: all of it. */
    setUse(id: string, use: StyleUse | null): void {
      const rest = [...chosenUses.value].filter(([other]) => other !== id);
      chosenUses.value = new Map(use === null ? rest : [...rest, [id, use]]);
    },

    choose(style: OtherStyle | null): void {
      chosen.value = style;
      if (style !== null) leaveModel();
      if (style?.from === "sample") void others.loadSample(style.index);
    },
  };

  /** One that takes a picture of a style stays. */
  function leaveModel(): void {
    if (fromModel.value !== null) preferences.setSettings({ model: null, modelInput: null });
  }
}
