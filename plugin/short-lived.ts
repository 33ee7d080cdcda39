// Layers that are in the document for a moment only: gone as soon as they have served, also when somebody undid what
// made them, and with the plugin where it closes before.

const shortLived = new Set<SceneNode>();

export function addShortLived(layer: SceneNode): void {
  shortLived.add(layer);
}

export function dropShortLived(layer: SceneNode): void {
  shortLived.delete(layer);
  if (!layer.removed) layer.remove();
}

export function dropAllShortLived(): void {
  for (const layer of shortLived) dropShortLived(layer);
}
