// The pictures that were painted before: those that the companion keeps, and of this session those that nobody else does.
// One is looked at beside the newest, its settings are taken over, or it is put into the document again.

import { computed, signal } from "@preact/signals-core";
import { type ErrorBody, ImpastoError } from "../../companion/protocol/errors.ts";
import type { PastResult, ResultArchive } from "../engines/style-engine.ts";
import type { Host, LayerRecipe, SourcePicture } from "../host.ts";
import { encodePng } from "../pictures.ts";
import type { PreferenceStore } from "./preferences.ts";
import { type Made, recipeOf } from "./run-result.ts";
import { toErrorBody } from "./to-error-body.ts";

/** Pictures of this session that are kept here, some megabytes each. */
const MAX_OWN = 12;
/** Results whose layers are remembered. */
const MAX_KNOWN = 200;
/** Long side of a small picture, px; the companion's are as large. */
const SMALL_PX = 192;
/** Thumbnails that are fetched at the same time. */
const FETCHERS = 3;
/** Shapes that differ by less lie over each other. */
const SAME_SHAPE = 0.01;

interface Own {
  result: PastResult;
  bytes: Uint8Array;
}

export interface HistoryParts {
  host: Host;
  preferences: PreferenceStore;
  /** Null while there is none. */
  archive(): ResultArchive | null;
}

export type HistoryModel = ReturnType<typeof createHistory>;

export function createHistory({ host, preferences, archive }: HistoryParts) {
  const isOpen = signal(false);
  const archived = signal<readonly PastResult[]>([]);
  const own = signal<readonly Own[]>([]);
  const thumbnails = signal<ReadonlyMap<string, Uint8Array>>(new Map());
  const hasOlder = signal(false);
  const isLoading = signal(false);
  const error = signal<ErrorBody | null>(null);
  const chosenId = signal<string | null>(null);
  /** Of the chosen one and of the newest, as far as they are there. */
  const pictures = signal<ReadonlyMap<string, Uint8Array>>(new Map());
  const inserting = signal(false);
  const insertedId = signal<string | null>(null);
  /** How this session's results came about: ids of layers mean nothing in another document. */
  const recipes = new Map<string, LayerRecipe>();
  /** Counts openings, so that what an earlier one fetched is left alone. */
  let opening = 0;
  let lastOwn = 0;

  const results = computed<readonly PastResult[]>(() =>
    [...own.value.map(({ result }) => result), ...archived.value].sort((a, b) => b.at - a.at),
  );
  const chosen = computed(() => results.value.find(({ id }) => id === chosenId.value) ?? null);
  /** The newest one, where the chosen one can be laid over it. */
  const compared = computed(() => {
    const [newest] = results.value;
    const look = chosen.value;
    if (newest === undefined || look === null || newest.id === look.id) return null;
    const shapes = (newest.width / newest.height) * (look.height / look.width);
    return newest.contentName === look.contentName && Math.abs(shapes - 1) < SAME_SHAPE ? newest : null;
  });

  function say(cause: unknown): void {
    const { message, hint = "" } = toErrorBody(cause);
    host.notify(`${message} ${hint}`.trim(), { error: true });
  }

  function keep(target: typeof thumbnails, id: string, bytes: Uint8Array): void {
    target.value = new Map([...target.value, [id, bytes]]);
  }

  /** It made room meanwhile. */
  function drop(id: string): void {
    archived.value = archived.value.filter((result) => result.id !== id);
    if (chosenId.value === id) chosenId.value = null;
  }

  async function load(mine: number): Promise<void> {
    const from = archive();
    if (from === null) return;
    isLoading.value = true;
    error.value = null;
    try {
      const page = await from.list(archived.value.at(-1)?.id);
      if (mine !== opening) return;
      archived.value = [...archived.value, ...page.results];
      hasOlder.value = page.hasOlder;
      const queue = page.results.filter(({ id }) => !thumbnails.value.has(id));
      const fetcher = async () => {
        for (let next = queue.shift(); next !== undefined && mine === opening; next = queue.shift()) {
          await fetchInto(thumbnails, next.id, (id) => from.thumbnail(id));
        }
      };
      void Promise.all(Array.from({ length: FETCHERS }, fetcher));
    } catch (cause) {
      if (mine === opening) error.value = toErrorBody(cause);
    } finally {
      if (mine === opening) isLoading.value = false;
    }
  }

  /** A picture that can not be had leaves its place empty. */
  async function fetchInto(
    target: typeof thumbnails,
    id: string,
    fetch: (id: string) => Promise<Uint8Array>,
  ): Promise<void> {
    try {
      keep(target, id, await fetch(id));
    } catch (cause) {
      if (cause instanceof ImpastoError && cause.code === "not-found") drop(id);
    }
  }

  async function read(id: string): Promise<Uint8Array> {
    const kept = pictures.value.get(id) ?? own.value.find(({ result }) => result.id === id)?.bytes;
    if (kept !== undefined) return kept;
    const from = archive();
    if (from !== null) return from.picture(id);
    throw new ImpastoError("companion-unreachable", "The companion keeps this picture, and does not answer.", {
      hint: "Start it again.",
    });
  }

  async function shrink(result: PastResult, bytes: Uint8Array): Promise<void> {
    const { id, width, height } = result;
    const small = await encodePng({ bytes, name: id, width, height }, SMALL_PX).catch(() => null);
    if (small !== null) keep(thumbnails, id, small.bytes);
  }

  function close(): void {
    opening += 1;
    isOpen.value = false;
    chosenId.value = null;
    pictures.value = new Map();
  }

  return {
    isOpen,
    results,
    thumbnails,
    hasOlder,
    isLoading,
    error,
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
      const names = { contentName: content.name, styleName };
      const result = { id, at: Date.now(), ...names, width, height, settings: taken };
      own.value = [{ result, bytes }, ...own.value].slice(0, MAX_OWN);
      void shrink(result, bytes);
    },

    open(): void {
      opening += 1;
      archived.value = [];
      hasOlder.value = false;
      insertedId.value = null;
      error.value = null;
      isOpen.value = true;
      void load(opening);
    },
    close,
    older: () => load(opening),

    async choose(id: string): Promise<void> {
      chosenId.value = id;
      insertedId.value = null;
      const mine = opening;
      const wanted = [id, compared.value?.id].filter((one) => one !== undefined);
      // Of others than these the room is wanted back.
      pictures.value = new Map([...pictures.value].filter(([kept]) => wanted.includes(kept)));
      for (const one of wanted) {
        if (pictures.value.has(one)) continue;
        await fetchInto(pictures, one, read);
        if (mine !== opening || chosenId.value !== id) return;
      }
    },

    /** The chosen one's settings become the present ones. */
    takeSettings(): void {
      const look = chosen.value;
      if (look === null) return;
      preferences.setSettings(look.settings);
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

  /** False where its layer is not known, or gone. */
  async function insertAbove(id: string, picture: SourcePicture): Promise<boolean> {
    const recipe = recipes.get(id);
    if (recipe === undefined) return false;
    const [made] = await host.insert([{ ...picture, contentId: recipe.contentId, recipe }]);
    if (made === undefined || !("error" in made)) return made !== undefined;
    if (made.error.code === "not-found" || made.error.code === "file-not-found") return false;
    throw ImpastoError.fromBody(made.error);
  }
}
