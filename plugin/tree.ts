// The tree of a document: a layer by its id, and the page that one lies on.

import { ImpastoError } from "../companion/protocol/errors.ts";

/** Null for what was deleted and what is no layer. */
export async function layerOf(id: string): Promise<SceneNode | null> {
  const node = await figma.getNodeByIdAsync(id);
  if (node === null || node.removed || node.type === "PAGE" || node.type === "DOCUMENT") return null;
  // Its siblings and its parent are wanted as well.
  await pageOf(node)?.loadAsync();
  return node as SceneNode;
}

/** Throws ImpastoError where there is none. */
export async function findLayer(id: string, hint = "Select another layer."): Promise<SceneNode> {
  const layer = await layerOf(id);
  if (layer !== null) return layer;
  throw new ImpastoError("not-found", "This layer was deleted.", { hint });
}

export function pageOf(node: BaseNode): PageNode | null {
  for (let at: BaseNode | null = node; at !== null; at = at.parent) if (at.type === "PAGE") return at;
  return null;
}
