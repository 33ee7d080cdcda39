// The pictures that were painted before: one is looked at beside the newest, its settings and its style are taken over, or it
// is put into the document again. What was painted together is one of them, until it is looked into.

import { computed, signal } from "@preact/signals-core";
import type { PastBatch, ResultArchive } from "../engines/style-engine.ts";
import type { LayerRecipe, SourcePicture } from "../host.ts";
import { createChosenResult } from "./chosen-result.ts";
import { createKnownRecipes, type KnownFrame, type RecipeParts } from "./known-recipes.ts";
import { createOpenedBatch } from "./opened-batch.ts";
import { createOwnResults, type OwnResult } from "./own-results.ts";
import { createPastResults } from "./past-results.ts";
import type { PreferenceStore } from "./preferences.ts";
import { toErrorBody } from "./to-error-body.ts";

export interface HistoryParts extends RecipeParts {
  preferences: PreferenceStore;
  /** Null while there is none. */
  archive(): ResultArchive | null;
}

/** A picture that is done, or was put into the document; `id`: where the engine keeps it. */
export interface PaintedPicture {
  id?: string | undefined;
  /** What it was painted together with; missing: what is remembered with it. */
  group?: string;
  bytes: Uint8Array;
  width: number;
  height: number;
  recipe: LayerRecipe;
  /** Its recipe's layers are none of a document's: it belongs above no layer. */
  isLoose?: boolean;
}

export type HistoryModel = ReturnType<typeof createHistory>;

export function createHistory({ preferences, archive, ...parts }: HistoryParts) {
  const { host } = parts;
  const recipes = createKnownRecipes(parts);
  const own = createOwnResults(host);
  const list = createPastResults(archive, own);
  const inside = createOpenedBatch(list);
  const results = computed(() => (inside.opened.value === null ? list.results.value : inside.results.value));
  const newest = computed(() => (inside.opened.value === null ? (results.value[0] ?? null) : null));
  const looked = createChosenResult(list, results, newest);
  const { chosen } = looked;
  const isOpen = signal(false);
  const inserting = signal(false);
  const insertedId = signal<string | null>(null);

  function say(cause: unknown): void {
    const { message, hint = "" } = toErrorBody(cause);
    host.notify(`${message} ${hint}`.trim(), { error: true });
  }

  function chooseNone(): void {
    looked.chooseNone();
    insertedId.value = null;
  }

  function close(): void {
    list.end();
    inside.close();
    isOpen.value = false;
    chooseNone();
  }

  function leaveBatch(): void {
    inside.close();
    chooseNone();
  }

  return {
    isOpen,
    results,
    thumbnails: list.thumbnails,
    hasOlder: computed(() => (inside.opened.value === null ? list.hasOlder.value : inside.hasMore.value)),
    isLoading: computed(() => list.isLoading.value || inside.isLoading.value),
    error: computed(() => inside.error.value ?? list.error.value),
    /** The batch whose pictures are listed; null: everything is. */
    opened: inside.opened,
    chosen,
    compared: looked.compared,
    pictures: looked.pictures,
    inserting,
    insertedId,

    /** What was kept before this session. */
    load: own.load,

    /** To be called with each picture that is done, and with what was painted and put into the document together. */
    remember(...painted: readonly PaintedPicture[]): void {
      const fresh: OwnResult[] = [];
      for (const { id = newOwnId(), isLoose = false, ...picture } of painted) {
        if (!isLoose) recipes.remember(id, picture.recipe);
        if (id.startsWith(OWN)) fresh.push(ownResult(id, picture));
      }
      const [first] = fresh;
      if (first === undefined) return;
      own.add(painted[0]?.group ?? first.result.id, fresh);
      list.renew(
        fresh.map(({ result }) => result.id),
        isOpen.value,
      );
    },

    open(): void {
      insertedId.value = null;
      isOpen.value = true;
      list.begin();
    },
    close,
    older: (): void => (inside.opened.value === null ? void list.older() : inside.more()),

    /** Lists the pictures of the chosen batch. */
    async openBatch(): Promise<void> {
      const look = chosen.value;
      if (look?.batch === undefined) return;
      chooseNone();
      await inside.open(look);
    },
    leaveBatch,
    /** One step back: out of the batch, or out of the history. */
    leave(): void {
      if (inside.opened.value === null) close();
      else leaveBatch();
    },

    /** The layers that the batch of this session was painted from, each once; none where they are not known any more. */
    async layersOf({ id }: PastBatch): Promise<KnownFrame[]> {
      return recipes.layersOf(await list.batch(id).catch(() => []));
    },

    async choose(id: string): Promise<void> {
      insertedId.value = null;
      await looked.choose(id);
    },

    /** The chosen one's settings become the present ones, and its style where that is still stored. */
    takeSettings(): void {
      const look = chosen.value;
      if (look === null) return;
      preferences.setSettings(look.settings);
      if (!recipes.takeStyle(look))
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
        const picture: SourcePicture = { bytes: await looked.read(id), name, width, height };
        if (!(await recipes.insertAbove(id, picture))) await host.insertPicture(picture);
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
        host.download({ bytes: await looked.read(id), name: `${contentName} – ${styleName}.png`, width, height });
      } catch (cause) {
        say(cause);
      }
    },
  };
}

/** Begins the id of what no engine keeps. */
const OWN = "own-";
let lastOwn = 0;

/** Also in sessions to come no other has it. */
export function newOwnId(): string {
  return `${OWN}${Date.now().toString(36)}-${++lastOwn}`;
}

function ownResult(id: string, { bytes, width, height, recipe }: PaintedPicture): OwnResult {
  const { contentName, styleName, styleKey, moreStyles, settings } = recipe;
  const { device, threads, ...taken } = settings;
  const names = { contentName, styleName, styleHash: moreStyles.length === 0 ? styleKey : null };
  return { result: { id, at: Date.now(), ...names, width, height, settings: taken }, bytes };
}
