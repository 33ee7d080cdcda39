// Modes of variables, which a layer has from what it lies in (a dark page, say) where none was set on it.

/** The copy lies elsewhere and is to look as the layer does. */
export async function keepModes(layer: SceneNode, copy: SceneNode): Promise<void> {
  const present = copy.resolvedVariableModes;
  for (const [id, mode] of Object.entries(layer.resolvedVariableModes)) {
    if (present[id] === mode) continue;
    const collection = await figma.variables.getVariableCollectionByIdAsync(id);
    if (collection !== null) copy.setExplicitVariableModeForCollection(collection, mode);
  }
}
