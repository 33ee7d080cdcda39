// What each selected layer is for: guessed, or given by a person for the layers that are selected together.

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { MAX_PARTS } from "../../companion/protocol/host/layer-types.ts";
import type { Role } from "../../companion/protocol/host/roles.ts";
import type { Layer, Selection } from "../host.ts";
import type { PreferenceStore } from "./preferences.ts";
import { changeRole, type Roles, rolesOf, selectionKey } from "./roles.ts";

/** `hasOtherStyle`: whether a style is chosen that is none of these layers. */
export function createLayerRoles(
  selection: ReadonlySignal<Selection>,
  preferences: PreferenceStore,
  hasOtherStyle: ReadonlySignal<boolean>,
) {
  const given = signal<ReadonlyMap<string, Roles>>(new Map());

  /** What roles are given to; of a selection that is too long for that the first two, to be shown. */
  const layers = computed<readonly Layer[]>(() => {
    const { layers, count } = selection.value;
    return layers.filter(({ problem }) => problem === null).slice(0, count > MAX_PARTS ? 2 : MAX_PARTS);
  });

  const roles = computed(() =>
    rolesOf(layers.value, {
      lastStyleId: preferences.value.value.lastStyleId,
      hasOtherStyle: hasOtherStyle.value,
      given: given.value,
    }),
  );

  const withRole = (wanted: (role: Role) => boolean): Layer[] =>
    layers.value.filter(({ id }) => {
      const role = roles.value.get(id);
      return role !== undefined && wanted(role);
    });

  function setRole(layerId: string, role: Role): void {
    const key = selectionKey(layers.value);
    given.value = new Map(given.value).set(key, changeRole(roles.value, layerId, role));
  }

  return {
    layers,
    withRole,
    roleOf: (id: string): Role => roles.value.get(id) ?? { kind: "unused" },
    setRole,
    /** The first style becomes the content. */
    swap(): void {
      const [style] = withRole(({ kind }) => kind === "style");
      if (style !== undefined) setRole(style.id, { kind: "content" });
    },
  };
}
