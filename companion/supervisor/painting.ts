// From decoded pictures to a result and its recipe: what the engine child and the command line have in common.

import { makeRecipe } from "../jobs/make-recipe.ts";
import type { Picture, StylizeResult } from "../protocol/engine.ts";
import type { Recipe, SettingsChange } from "../protocol/recipe.ts";
import { mapPicturesInTurn, type RequestOf } from "../protocol/request.ts";
import type { PictureRef } from "../protocol/request-schema.ts";
import type { ChildEngine, ChildRun, RunStart } from "./child-engine.ts";

export interface PaintingOrder<F> extends Omit<RunStart, "request"> {
  /** As asked for: what the recipe says. */
  asked: RequestOf<F>;
  /** The same, decoded (pictures/read-pictures.ts), with the settings as they are carried out. */
  decoded: RequestOf<Picture>;
  /** What the recipe calls a file. */
  refOf(file: F): PictureRef | Promise<PictureRef>;
}

export interface Painting {
  run: ChildRun;
  /** Resolves when the run is over; `changes`: those that were made while it went on. */
  finish(changes: readonly SettingsChange[]): Promise<{ result: StylizeResult; recipe: Recipe }>;
}

export async function startPainting<F>(engine: ChildEngine, order: PaintingOrder<F>): Promise<Painting> {
  const { asked, decoded, refOf, ...start } = order;
  const { run, facts } = await engine.start({ ...start, request: decoded });
  return {
    run,
    async finish(changes) {
      const result = await run.result;
      const request = await mapPicturesInTurn(asked, async (file: F) => refOf(file));
      const resumed = start.checkpoint !== undefined;
      const versions = engine.versions();
      return { result, recipe: makeRecipe({ request, changes, resumed, ...facts, versions, result }) };
    },
  };
}
