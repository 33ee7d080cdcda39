// What a batch would paint: the frames of a scope, the styles that are chosen, and how the two go together.

import { computed, type Signal, signal } from "@preact/signals-core";
import { byName } from "../../companion/protocol/by-name.ts";
import type { ErrorBody } from "../../companion/protocol/errors.ts";
import type { FrameScope, Host } from "../host.ts";
import { type BatchWay, cellsOf } from "./batch-cells.ts";
import type { BatchRow, BatchRows } from "./batch-rows.ts";
import { type BatchSettingsParts, createBatchSettings } from "./batch-settings.ts";
import type { EngineChoice } from "./engine-choice.ts";
import type { Inputs } from "./inputs.ts";
import type { KnownFrame } from "./known-recipes.ts";
import { toErrorBody } from "./to-error-body.ts";

export interface BatchChoiceParts extends BatchSettingsParts, Pick<EngineChoice, "engineKind"> {
  host: Host;
  inputs: Inputs;
}

/** How the list stands with the batch that it is for. */
export interface ChoosingParts {
  list: BatchRows;
  error: Signal<ErrorBody | null>;
  /** False once a batch has taken the rows. */
  isOpen(): boolean;
}

export function createBatchChoice(parts: BatchChoiceParts, { list, error, isOpen }: ChoosingParts) {
  const { host, inputs, engineKind } = parts;
  const { rows } = list;
  const scope = signal<FrameScope>(host.capabilities.scopes[0] ?? "selection");
  /** The frames are one animation, in the order of their names. */
  const wantsAnimation = signal(false);
  /** The panel's own engine paints each frame by itself. */
  const asAnimation = computed(() => wantsAnimation.value && engineKind.value === "companion");
  const readable = computed(() => rows.value.filter(({ problem }) => problem === null));
  const way = signal<BatchWay>("each");
  const styles = computed(() => inputs.styles.value.slice(0, asAnimation.value ? 1 : undefined));
  const results = computed(() => readable.value.length * (way.value === "each" ? Math.max(1, styles.value.length) : 1));

  return {
    scope,
    asAnimation,
    way,
    styles,
    results,
    /** Frames that can be read; what "Apply" would take. */
    usable: computed(() => readable.value.length),
    paintedWith: createBatchSettings(parts, asAnimation, results),
    /** A row for each result that "Apply" would paint. */
    cells: (): BatchRow[] => cellsOf(readable.value, styles.value, way.value),

    /** Lists the frames of a scope anew. */
    async list(next: FrameScope = scope.value): Promise<void> {
      if (!isOpen()) return;
      scope.value = next;
      error.value = null;
      const layers = await host.listFrames(next).catch((cause) => {
        error.value = toErrorBody(cause);
        return [];
      });
      // Meanwhile another scope was chosen, or a batch began with the rows as they were.
      if (scope.value !== next || !isOpen()) return;
      const styleIds = inputs.styles.value.map(({ layerId }) => layerId);
      const ordered = asAnimation.value ? layers.toSorted(byName) : layers;
      const known = new Map(rows.value.map((row) => [row.id, row.thumbnail]));
      const frames = ordered.filter(({ id }) => !styleIds.includes(id));
      list.show(
        frames.map(({ id, name, width, height, problem }) => ({
          ...{ id, name, width, height, problem },
          thumbnail: known.get(id) ?? null,
        })),
      );
      void list.fetchThumbnails();
    },

    /** Lists frames that are known from before. */
    listKnown(frames: readonly KnownFrame[]): void {
      if (!isOpen()) return;
      error.value = null;
      list.show(frames);
      void list.fetchThumbnails();
    },

    setAnimation(wanted: boolean): void {
      if (!isOpen()) return;
      wantsAnimation.value = wanted;
      if (wanted) list.sort(byName);
    },

    /** The style of a frame, where each has one. */
    chooseStyle(index: number, style: number): void {
      if (isOpen()) list.change(index, { style });
    },

    /** Takes a row off the list. */
    remove(index: number): void {
      if (isOpen()) list.remove(index);
    },
  };
}
