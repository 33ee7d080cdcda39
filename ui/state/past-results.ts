// The list of what was painted before: what the companion keeps, and what nobody but the panel does; each with its thumbnail,
// and its picture when it is wanted.

import { computed, type Signal, signal } from "@preact/signals-core";
import { type ErrorBody, ImpastoError } from "../../companion/protocol/errors.ts";
import type { PastResult, ResultArchive } from "../engines/style-engine.ts";
import { encodePng } from "../pictures.ts";
import type { Group, OwnResults } from "./own-results.ts";
import { toErrorBody } from "./to-error-body.ts";

/** Long side of a small picture, px; the companion's are as large. */
const SMALL_PX = 192;
/** Thumbnails that are fetched at the same time. */
const FETCHERS = 3;

/** By the result's id. */
export type Pictures = ReadonlyMap<string, Uint8Array>;

export type PastResults = ReturnType<typeof createPastResults>;

/** `archive`: null while there is none; `own`: what nobody else keeps. */
export function createPastResults(archive: () => ResultArchive | null, own: OwnResults) {
  const archived = signal<readonly PastResult[]>([]);
  const thumbnails = signal<Pictures>(new Map());
  /** Ids of what made room meanwhile. */
  const gone = signal<ReadonlySet<string>>(new Set());
  const hasOlder = signal(false);
  const isLoading = signal(false);
  const error = signal<ErrorBody | null>(null);
  /** Counts lists, so that what is fetched for an earlier one is left alone. */
  let lists = 0;

  function keeper(what: string): ResultArchive {
    const from = archive();
    if (from !== null) return from;
    throw new ImpastoError("companion-unreachable", `The companion keeps ${what}, and does not answer.`, {
      hint: "Start it again.",
    });
  }

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

  async function thumbnail(id: string): Promise<Uint8Array> {
    const kept = own.find(id);
    if (kept === undefined) return keeper("this picture").thumbnail(id);
    const { width, height } = kept;
    return (await encodePng({ bytes: await own.picture(id), name: id, width, height }, SMALL_PX)).bytes;
  }

  async function fetchThumbnails(results: readonly PastResult[]): Promise<void> {
    const mine = lists;
    const queue = results.filter(({ id }) => !thumbnails.value.has(id));
    const fetcher = async () => {
      for (let next = queue.shift(); next !== undefined && mine === lists; next = queue.shift()) {
        await fetchInto(thumbnails, next.id, thumbnail);
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
      [...own.groups.value.flatMap(asOne), ...archived.value]
        .filter(({ id }) => !gone.value.has(id))
        .sort((a, b) => b.at - a.at),
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
      void fetchThumbnails(own.groups.value.flatMap(asOne));
      void load();
    },
    /** What is still on its way is not wanted any more. */
    end(): void {
      lists += 1;
    },

    /** They were painted, or painted anew; `isSeen`: somebody looks at the list. */
    renew(ids: readonly string[], isSeen: boolean): void {
      thumbnails.value = new Map([...thumbnails.value].filter(([id]) => !ids.includes(id)));
      if (isSeen) void fetchThumbnails(own.groups.value.flatMap(asOne));
    },

    /** The results of a batch. Throws ImpastoError. */
    async batch(id: string): Promise<readonly PastResult[]> {
      const kept = own.groups.value.find((group) => group.id === id);
      return kept === undefined ? keeper("this batch").batch(id) : kept.results.map(({ result }) => result);
    },

    /** PNG. Throws ImpastoError. */
    async picture(id: string): Promise<Uint8Array> {
      return own.find(id) === undefined ? keeper("this picture").picture(id) : own.picture(id);
    },
  };
}

/** Several look like the first of them. */
function asOne({ id, results }: Group): PastResult[] {
  const [first] = results;
  if (first === undefined) return [];
  return [results.length === 1 ? first.result : { ...first.result, batch: { id, results: results.length } }];
}
