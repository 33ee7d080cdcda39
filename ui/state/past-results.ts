// The list of what was painted before: what the companion keeps, and of this session what nobody else does; each with its
// thumbnail, and its picture when it is wanted.

import { computed, type Signal, signal } from "@preact/signals-core";
import { type ErrorBody, ImpastoError } from "../../companion/protocol/errors.ts";
import type { PastResult, ResultArchive } from "../engines/style-engine.ts";
import { encodePng } from "../pictures.ts";
import { toErrorBody } from "./to-error-body.ts";

/** Pictures of this session that are kept here, some megabytes each. */
const MAX_OWN = 12;
/** Long side of a small picture, px; the companion's are as large. */
const SMALL_PX = 192;
/** Thumbnails that are fetched at the same time. */
const FETCHERS = 3;

interface Own {
  result: PastResult;
  bytes: Uint8Array;
}

/** By the result's id. */
export type Pictures = ReadonlyMap<string, Uint8Array>;

/** `archive`: null while there is none. */
export function createPastResults(archive: () => ResultArchive | null) {
  const archived = signal<readonly PastResult[]>([]);
  const own = signal<readonly Own[]>([]);
  const thumbnails = signal<Pictures>(new Map());
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
      const isGone = cause instanceof ImpastoError && cause.code === "not-found";
      if (isGone) archived.value = archived.value.filter((result) => result.id !== id);
    }
  }

  async function fetchThumbnails(from: ResultArchive, results: readonly PastResult[]): Promise<void> {
    const mine = lists;
    const queue = results.filter(({ id }) => !thumbnails.value.has(id));
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
      void fetchThumbnails(from, page.results);
    } catch (cause) {
      if (mine === lists) error.value = toErrorBody(cause);
    } finally {
      if (mine === lists) isLoading.value = false;
    }
  }

  return {
    /** Newest first. */
    results: computed<readonly PastResult[]>(() =>
      [...own.value.map(({ result }) => result), ...archived.value].sort((a, b) => b.at - a.at),
    ),
    thumbnails,
    hasOlder,
    isLoading,
    error,
    fetchInto,
    /** Goes on with older ones. */
    older: load,

    /** Begins anew with what the companion keeps. */
    begin(): void {
      lists += 1;
      archived.value = [];
      hasOlder.value = false;
      error.value = null;
      void load();
    },
    /** What is still on its way is not wanted any more. */
    end(): void {
      lists += 1;
    },

    /** One that nobody else keeps. */
    add(result: PastResult, bytes: Uint8Array): void {
      own.value = [{ result, bytes }, ...own.value].slice(0, MAX_OWN);
      const { id, width, height } = result;
      void fetchInto(thumbnails, id, async (name) => (await encodePng({ bytes, name, width, height }, SMALL_PX)).bytes);
    },

    /** PNG. Throws ImpastoError. */
    async picture(id: string): Promise<Uint8Array> {
      const kept = own.value.find(({ result }) => result.id === id)?.bytes;
      if (kept !== undefined) return kept;
      const from = archive();
      if (from !== null) return from.picture(id);
      throw new ImpastoError("companion-unreachable", "The companion keeps this picture, and does not answer.", {
        hint: "Start it again.",
      });
    },
  };
}
