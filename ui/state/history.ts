// The pictures that were painted before: one is looked at beside the newest, its settings and its style are taken over, or it
// is put into the document again.

import { computed, signal } from "@preact/signals-core";
import { ImpastoError } from "../../companion/protocol/errors.ts";
import type { PastResult, ResultArchive } from "../engines/style-engine.ts";
import type { Host, LayerRecipe, SourcePicture } from "../host.ts";
import type { Inputs } from "./inputs.ts";
import { createPastResults, type Pictures } from "./past-results.ts";
import type { PreferenceStore } from "./preferences.ts";
import { type Made, recipeOf } from "./run-result.ts";
import { keyOfHash, type StoredStyles } from "./stored-styles.ts";
import { toErrorBody } from "./to-error-body.ts";

/** Results whose layers are remembered. */
const MAX_KNOWN = 200;
/** Shapes that differ by less lie over each other. */
const SAME_SHAPE = 0.01;

export interface HistoryParts {
  host: Host;
  preferences: PreferenceStore;
  inputs: Inputs;
  styles: StoredStyles;
  /** Null while there is none. */
  archive(): ResultArchive | null;
}

export type HistoryModel = ReturnType<typeof createHistory>;

export function createHistory({ host, preferences, inputs, styles, archive }: HistoryParts) {
  const list = createPastResults(archive);
  const { results } = list;
  const isOpen = signal(false);
  const chosenId = signal<string | null>(null);
  /** Of the chosen one and of the newest, as far as they are there. */
  const pictures = signal<Pictures>(new Map());
  const inserting = signal(false);
  const insertedId = signal<string | null>(null);
  /** How this session's results came about: ids of layers mean nothing in another document. */
  const recipes = new Map<string, LayerRecipe>();
  let lastOwn = 0;

  const chosen = computed(() => results.value.find(({ id }) => id === chosenId.value) ?? null);
  /** The newest one, where the chosen one can be laid over it. */
  const compared = computed(() => comparable(results.value[0], chosen.value));

  function say(cause: unknown): void {
    const { message, hint = "" } = toErrorBody(cause);
    host.notify(`${message} ${hint}`.trim(), { error: true });
  }

  const read = async (id: string): Promise<Uint8Array> => pictures.value.get(id) ?? (await list.picture(id));

  function close(): void {
    list.end();
    isOpen.value = false;
    chosenId.value = null;
    pictures.value = new Map();
  }

  /** The style becomes the present one, unless it is; false where it is not stored any more. */
  function takeStyle({ id, styleName, styleHash }: PastResult): boolean {
    const recipe = recipes.get(id);
    const present = inputs.style.value;
    if (present !== null && (present.name === styleName || present.layerId === recipe?.styleId)) return true;
    const key = recipe?.styleKey ?? (styleHash === null ? null : keyOfHash(styleHash));
    if (key === null || !styles.list.value.some((style) => style.key === key)) return false;
    inputs.choose({ from: "stored", key });
    return true;
  }

  /** False where its layer is not known, or gone. */
  async function insertAbove(id: string, picture: SourcePicture): Promise<boolean> {
    const recipe = recipes.get(id);
    if (recipe === undefined) return false;
    const [made] = await host.insert([{ ...picture, contentId: recipe.contentId, recipe }]);
    if (made === undefined || !("error" in made)) return made !== undefined;
    if (made.error.code === "not-found" || made.error.code === "file-not-found") return false;
    throw ImpastoError.fromBody(made.error);
  }

  return {
    isOpen,
    results,
    thumbnails: list.thumbnails,
    hasOlder: list.hasOlder,
    isLoading: list.isLoading,
    error: list.error,
    chosen,
    compared,
    pictures,
    inserting,
    insertedId,

    /** To be called with each picture that is done. */
    remember(made: Made): void {
      const { picture, sources, settings } = made;
      const id = picture.id ?? `own-${++lastOwn}`;
      if (sources.surface === undefined) recipes.set(id, recipeOf(made));
      for (const oldest of [...recipes.keys()].slice(0, -MAX_KNOWN)) recipes.delete(oldest);
      if (picture.id !== undefined) return;
      const { width, height, bytes } = picture;
      const { content, styleName } = sources;
      const { device, threads, ...taken } = settings;
      const names = { contentName: content.name, styleName, styleHash: null };
      list.add({ id, at: Date.now(), ...names, width, height, settings: taken }, bytes);
    },

    open(): void {
      insertedId.value = null;
      isOpen.value = true;
      list.begin();
    },
    close,
    older: list.older,

    async choose(id: string): Promise<void> {
      chosenId.value = id;
      insertedId.value = null;
      const wanted = [id, compared.value?.id].filter((one) => one !== undefined);
      // Of others than these the room is wanted back.
      pictures.value = new Map([...pictures.value].filter(([kept]) => wanted.includes(kept)));
      for (const one of wanted) {
        if (pictures.value.has(one)) continue;
        const found = signal<Pictures>(new Map());
        await list.fetchInto(found, one, list.picture);
        if (chosenId.value !== id) return;
        pictures.value = new Map([...pictures.value, ...found.value]);
      }
    },

    /** The chosen one's settings become the present ones, and its style where that is still stored. */
    takeSettings(): void {
      const look = chosen.value;
      if (look === null) return;
      preferences.setSettings(look.settings);
      if (!takeStyle(look))
        host.notify(`“${look.styleName}” is no longer among the styles: the settings alone were taken.`);
      close();
    },

    /** Above its layer where that is known and still there, else where one looks. */
    async insert(): Promise<void> {
      const look = chosen.value;
      if (look === null || inserting.value) return;
      inserting.value = true;
      try {
        const { id, width, height } = look;
        const name = `${look.contentName} / ${look.styleName}`;
        const picture: SourcePicture = { bytes: await read(id), name, width, height };
        if (!(await insertAbove(id, picture))) await host.insertPicture(picture);
        insertedId.value = id;
      } catch (cause) {
        say(cause);
      } finally {
        inserting.value = false;
      }
    },

    async download(): Promise<void> {
      const look = chosen.value;
      if (look === null) return;
      const { id, contentName, styleName, width, height } = look;
      try {
        host.download({ bytes: await read(id), name: `${contentName} – ${styleName}.png`, width, height });
      } catch (cause) {
        say(cause);
      }
    },
  };
}

/** The newest one, if it is another picture of the same content and shape. */
function comparable(newest: PastResult | undefined, chosen: PastResult | null): PastResult | null {
  if (newest === undefined || chosen === null || newest.id === chosen.id) return null;
  const shapes = (newest.width / newest.height) * (chosen.height / chosen.width);
  return newest.contentName === chosen.contentName && Math.abs(shapes - 1) < SAME_SHAPE ? newest : null;
}
