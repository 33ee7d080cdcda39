// figma.variables of the stand-in: colors by mode, or by another variable. Layers remember the modes that were set on them.

import type { StandInDocument } from "./document.ts";
import type { StandInNode } from "./node.ts";

export interface CollectionDescription {
  id: string;
  name: string;
  modes: readonly { modeId: string; name: string }[];
}

export interface VariableDescription {
  id: string;
  name: string;
  collection: string;
  scopes?: readonly string[];
  /** By mode: a color, or the id of another variable. */
  values: Record<string, RGB | RGBA | string>;
}

export function makeVariables(document: StandInDocument) {
  function resolve(id: string, user: StandInNode): RGB | RGBA {
    const variable = document.variables.find((one) => one.id === id);
    if (variable === undefined) throw new Error("in resolveForConsumer: the variable does not exist");
    const mode = user.resolvedVariableModes[variable.collection] ?? "";
    const value = variable.values[mode] as RGB | RGBA | string;
    return typeof value === "string" ? resolve(value, user) : value;
  }
  return {
    async getLocalVariablesAsync(type: string) {
      if (type !== "COLOR") throw new Error("the stand-in has color variables alone");
      return document.variables.map(({ id, name, scopes = ["ALL_SCOPES"] }) => {
        const resolveForConsumer = (user: StandInNode) => ({ value: resolve(id, user), resolvedType: "COLOR" });
        return { id, name, scopes, resolveForConsumer };
      });
    },
    async getVariableCollectionByIdAsync(id: string) {
      const found = document.collections.find((collection) => collection.id === id);
      return found === undefined ? null : { ...found, defaultModeId: found.modes[0]?.modeId };
    },
  };
}
