// Results that are older than their layers: looked for as the designer goes on, and painted anew with one click, each with
// its own settings.

import { signal } from "@preact/signals-core";
import { type ErrorBody, ImpastoError } from "../../companion/protocol/errors.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../companion/protocol/settings.ts";
import type { Layer } from "../host.ts";
import { readPainting } from "./painting.ts";
import { layerOf, paintingOf } from "./restyle.ts";
import { toRequest } from "./run-sources.ts";
import { toErrorBody } from "./to-error-body.ts";
import { readSide, type WorkParts } from "./work-parts.ts";

/** After the last change of the selection: a designer who clicks around is not looked after at each click. */
const LOOK_DELAY_MS = 800;

export type StaleResults = ReturnType<typeof createStaleResults>;

export function createStaleResults({ host, styles, engine }: Pick<WorkParts, "host" | "styles" | "engine">) {
  const results = signal<readonly Layer[]>([]);
  /** How many are painted anew; null while nobody asked for it. */
  const repainted = signal<number | null>(null);
  const fraction = signal(0);
  const error = signal<ErrorBody | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort: AbortController | null = null;

  async function look(): Promise<void> {
    const found = await host.staleResults().catch(() => []);
    if (repainted.value === null) results.value = found;
  }

  async function repaintOne({ id, recipe, name }: Layer, signal: AbortSignal): Promise<void> {
    if (recipe === null) return;
    // What did the work on another machine says nothing of this one.
    const { device, threads, ...made } = recipe.settings;
    const settings: Settings = { ...DEFAULT_SETTINGS, ...made };
    const style = recipe.styleId === null ? null : layerOf(host, recipe.styleId, recipe.styleName);
    const painting = paintingOf(host, recipe, style, styles);
    const read = await readPainting(host, painting, readSide(settings));
    const chosen = await engine();
    signal.throwIfAborted();
    const run = chosen.stylize(toRequest(read, settings), {
      signal,
      onProgress: (progress) => {
        fraction.value = progress.fraction;
      },
    });
    const { bytes, width, height } = await run.result;
    signal.throwIfAborted();
    const { contentId } = recipe;
    const newer = { contentId, name, bytes, width, height, recipe: { ...recipe, settings }, replaces: id };
    const [inserted] = await host.insert([newer]);
    if (inserted !== undefined && "error" in inserted) throw ImpastoError.fromBody(inserted.error);
  }

  return {
    results,
    repainted,
    fraction,
    error,

    async repaint(): Promise<void> {
      if (repainted.value !== null) return;
      abort = new AbortController();
      const { signal } = abort;
      repainted.value = 0;
      error.value = null;
      try {
        for (const result of results.value) {
          fraction.value = 0;
          await repaintOne(result, signal);
          repainted.value += 1;
        }
      } catch (cause) {
        if (!signal.aborted) error.value = toErrorBody(cause);
      } finally {
        repainted.value = null;
        await look();
      }
    },

    stop(): void {
      abort?.abort();
    },

    /** Looks now, and after each change of the selection. Returns what ends it. */
    start(): () => void {
      const stopListening = host.onSelection(() => {
        clearTimeout(timer);
        timer = setTimeout(() => void look(), LOOK_DELAY_MS);
      });
      return () => {
        stopListening();
        clearTimeout(timer);
        abort?.abort();
      };
    },
  };
}
