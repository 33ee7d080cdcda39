// figma.variables of the stand-in: collections with their modes. Layers remember the modes that were set on them.

import type { StandInDocument } from "./document.ts";

export interface CollectionDescription {
  id: string;
  name: string;
  modes: readonly { modeId: string; name: string }[];
}

export function makeVariables(document: StandInDocument) {
  return {
    async getVariableCollectionByIdAsync(id: string) {
      const found = document.collections.find((collection) => collection.id === id);
      return found === undefined ? null : { ...found, defaultModeId: found.modes[0]?.modeId };
    },
  };
}
