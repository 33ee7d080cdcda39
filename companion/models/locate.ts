// Finds the files behind a model's name.

import { ImpastoError } from "../protocol/errors.ts";
import type { LocatedModel } from "./model-run.ts";
import { modelPaths, requireModel } from "./store.ts";

/** Throws ImpastoError("network-unknown"). What the files hold is checked when they are opened. */
export async function locateModel(name: string | null): Promise<LocatedModel> {
  if (name === null) throw new ImpastoError("internal", "There is no model to look for.");
  const model = await requireModel(name);
  const { main, style } = modelPaths(name);
  return { model, files: { main, ...(model.styleSha256 !== null && { style }) } };
}
