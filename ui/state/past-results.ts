// The list of what was painted before: what the companion keeps, and of this session what nobody else does; each with its
// thumbnail, and its picture when it is wanted.

import { computed, type Signal, signal } from "@preact/signals-core";
import { type ErrorBody, ImpastoError } from "../../companion/protocol/errors.ts";
import type { PastResult, ResultArchive } from "../engines/style-engine.ts";
import { encodePng } from "../pictures.ts";
import { toErrorBody } from "./to-error-body.ts";

/** What was painted in this session and is kept here: a picture may take some megabytes, and so many may be in one batch. */
const MAX_OWN = 12;
const MAX_OWN_BYTES = 96 * 2 ** 20;
/** Long side of a small picture, px; the companion's are as large. */
const SMALL_PX = 192;
/** Thumbnails that are fetched at the same time. */
const FETCHERS = 3;

export interface OwnResult {
  result: PastResult;
  bytes: Uint8Array;
}

/** By the result's id. */
export type Pictures = ReadonlyMap<string, Uint8Array>;

export type PastResults = ReturnType<typeof createPastResults>;

/** `archive`: null while there is none. */
export function createPastResults(archive: () => ResultArchive | null) {
  const archived = signal<readonly PastResult[]>([]);
  /** Each what was painted together. */
  const own = signal<readonly (readonly OwnResult[])[]>([]);
  const thumbnails = signal<Pictures>(new Map());
  /** Ids of what the companion made room of meanwhile. */
  const gone = signal<ReadonlySet<string>>(new Set());
  const hasOlder = signal(false);
  const isLoading = signal(false);
  const error = signal<ErrorBody | null>(null);
  /** Counts lists, so that what is fetched for an earlier one is left alone. */
  let lists = 0;

  /** A picture that can not be had leaves its place empty; one that is gone, its place among the results. */
  async function fetchInto(
    target: Signal<Pictures>,
    id: string,
    fetch: (id: string) => Promise<Uint8Array>,
  ): Promise<void> {
    try {
      const bytes = await fetch(id);
      target.value = new Map(target.value).set(id, bytes);
    } catch (cause) {
      if (cause instanceof ImpastoError && cause.code === "not-found") gone.value = new Set(gone.value).add(id);
    }
  }

  async function fetchThumbnails(results: readonly PastResult[]): Promise<void> {
    const from = archive();
    if (from === null) return;
    const mine = lists;
    const owned = new Set(own.value.flat().map(({ result }) => result.id));
    const queue = results.filter(({ id }) => !owned.has(id) && !thumbnails.value.has(id));
    const fetcher = async () => {
      for (let next = queue.shift(); next !== undefined && mine === lists; next = queue.shift()) {
        await fetchInto(thumbnails, next.id, (id) => from.thumbnail(id));
      }
    };
    await Promise.all(Array.from({ length: FETCHERS }, fetcher));
  }

  async function load(): Promise<void> {
    const from = archive();
    if (from === null) return;
    const mine = lists;
    isLoading.value = true;
    error.value = null;
    try {
      const page = await from.list(archived.value.at(-1)?.id);
      if (mine !== lists) return;
      archived.value = [...archived.value, ...page.results];
      hasOlder.value = page.hasOlder;
      void fetchThumbnails(page.results);
    } catch (cause) {
      if (mine === lists) error.value = toErrorBody(cause);
    } finally {
      if (mine === lists) isLoading.value = false;
    }
  }

  return {
    /** Newest first. */
    results: computed<readonly PastResult[]>(() =>
      [...own.value.flatMap(asOne), ...archived.value.filter(({ id }) => !gone.value.has(id))].sort(
        (a, b) => b.at - a.at,
      ),
    ),
    thumbnails,
    gone,
    hasOlder,
    isLoading,
    error,
    fetchInto,
    fetchThumbnails,
    /** Goes on with older ones. */
    older: load,

    /** Begins anew with what the companion keeps. */
    begin(): void {
      lists += 1;
      archived.value = [];
      gone.value = new Set();
      hasOlder.value = false;
      error.value = null;
      void load();
    },
    /** What is still on its way is not wanted any more. */
    end(): void {
      lists += 1;
    },

    /** What nobody else keeps: one, or several that were painted together. */
    add(results: readonly OwnResult[]): void {
      own.value = fitting([results, ...own.value.slice(0, MAX_OWN - 1)]);
      for (const { result, bytes } of own.value[0] ?? []) {
        const { id: name, width, height } = result;
        const shrink = async () => (await encodePng({ bytes, name, width, height }, SMALL_PX)).bytes;
        void fetchInto(thumbnails, name, shrink);
      }
    },

    /** The results of a batch. Throws ImpastoError. */
    async batch(id: string): Promise<readonly PastResult[]> {
      const kept = own.value.find((results) => asOne(results)[0]?.batch?.id === id);
      if (kept !== undefined) return kept.map(({ result }) => result);
      const from = archive();
      if (from !== null) return from.batch(id);
      throw notThere("this batch");
    },

    /** PNG. Throws ImpastoError. */
    async picture(id: string): Promise<Uint8Array> {
      const kept = own.value.flat().find(({ result }) => result.id === id)?.bytes;
      if (kept !== undefined) return kept;
      const from = archive();
      if (from !== null) return from.picture(id);
      throw notThere("this picture");
    },
  };
}

function notThere(what: string): ImpastoError {
  return new ImpastoError("companion-unreachable", `The companion keeps ${what}, and does not answer.`, {
    hint: "Start it again.",
  });
}

/** Several look like the first of them. */
function asOne(results: readonly OwnResult[]): PastResult[] {
  const [first] = results;
  if (first === undefined) return [];
  const { result } = first;
  return [results.length === 1 ? result : { ...result, batch: { id: result.id, results: results.length } }];
}

/** The newest as far as there is room. */
function fitting(groups: readonly (readonly OwnResult[])[]): (readonly OwnResult[])[] {
  let taken = 0;
  const fits = ({ bytes }: OwnResult): boolean => {
    taken += bytes.byteLength;
    return taken <= MAX_OWN_BYTES;
  };
  return groups.map((results) => results.filter(fits)).filter((results) => results.length > 0);
}
