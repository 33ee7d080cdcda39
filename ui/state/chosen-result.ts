// The result of before that is looked at: its picture, and the newest one's where it can be laid over it.

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { PastResult } from "../engines/style-engine.ts";
import type { PastResults, Pictures } from "./past-results.ts";

/** Shapes that differ by less lie over each other. */
const SAME_SHAPE = 0.01;

/** `newest`: null where there is nothing to compare with. */
export function createChosenResult(
  list: PastResults,
  results: ReadonlySignal<readonly PastResult[]>,
  newest: ReadonlySignal<PastResult | null>,
) {
  const chosenId = signal<string | null>(null);
  /** Of the chosen one and of the newest, as far as they are there. */
  const pictures = signal<Pictures>(new Map());
  const chosen = computed(() => results.value.find(({ id }) => id === chosenId.value) ?? null);
  const compared = computed(() => comparable(newest.value, chosen.value));

  return {
    chosen,
    /** The newest one, where the chosen one can be laid over it. */
    compared,
    pictures,
    read: async (id: string): Promise<Uint8Array> => pictures.value.get(id) ?? (await list.picture(id)),

    async choose(id: string): Promise<void> {
      chosenId.value = id;
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
    chooseNone(): void {
      chosenId.value = null;
      pictures.value = new Map();
    },
  };
}

/** The newest one, if it is another picture of the same content and shape. */
function comparable(newest: PastResult | null, chosen: PastResult | null): PastResult | null {
  if (newest === null || chosen === null || newest.id === chosen.id) return null;
  if (newest.batch !== undefined || chosen.batch !== undefined) return null;
  const shapes = (newest.width / newest.height) * (chosen.height / chosen.width);
  return newest.contentName === chosen.contentName && Math.abs(shapes - 1) < SAME_SHAPE ? newest : null;
}
