// The batch among the results of before that is looked into: its pictures, some more at a time.

import { computed, signal } from "@preact/signals-core";
import type { ErrorBody } from "../../companion/protocol/errors.ts";
import type { PastResult } from "../engines/style-engine.ts";
import type { PastResults } from "./past-results.ts";
import { toErrorBody } from "./to-error-body.ts";

/** Pictures that are shown at first, and more with each "Older ones". */
const PAGE = 24;

export function createOpenedBatch(list: PastResults) {
  const opened = signal<PastResult | null>(null);
  const all = signal<readonly PastResult[]>([]);
  const shown = signal(PAGE);
  const isLoading = signal(false);
  const error = signal<ErrorBody | null>(null);
  /** What is no longer there has lost its place among the pictures. */
  const there = computed(() => all.value.filter(({ id }) => !list.gone.value.has(id)));
  const results = computed(() => there.value.slice(0, shown.value));

  function close(): void {
    opened.value = null;
    all.value = [];
    shown.value = PAGE;
    isLoading.value = false;
    error.value = null;
  }

  return {
    opened,
    results,
    isLoading,
    error,
    hasMore: computed(() => there.value.length > shown.value),

    async open(result: PastResult): Promise<void> {
      if (result.batch === undefined) return;
      close();
      opened.value = result;
      isLoading.value = true;
      try {
        const found = await list.batch(result.batch.id);
        // Meanwhile somebody went back.
        if (opened.value !== result) return;
        all.value = found;
        void list.fetchThumbnails(results.value);
      } catch (cause) {
        if (opened.value === result) error.value = toErrorBody(cause);
      } finally {
        if (opened.value === result) isLoading.value = false;
      }
    },

    more(): void {
      shown.value += PAGE;
      void list.fetchThumbnails(results.value);
    },
    close,
  };
}
