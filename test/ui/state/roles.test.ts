// Which of two layers is guessed to be the style.

import { describe, expect, test } from "vitest";
import type { Layer } from "../../../ui/host.ts";
import { guessRoles, pairKey, type RoleHints } from "../../../ui/state/roles.ts";

const NO_HINTS: RoleHints = { lastStyleId: null, swapped: new Set<string>() };

function layer(id: string, more: Partial<Layer> = {}): Layer {
  return { id, name: id, kind: "frame", width: 100, height: 100, problem: null, recipe: null, ...more };
}

const RECIPE = {
  version: 1 as const,
  contentId: "a",
  contentName: "a",
  styleId: null,
  styleName: "s",
  styleKey: null,
  settings: {},
};

function styleOf(layers: Layer[], hints = NO_HINTS): string | undefined {
  return guessRoles(layers, hints).style?.id;
}

describe("guessRoles", () => {
  test("takes the layer that was selected last as the style when nothing else tells", () => {
    expect(guessRoles([layer("a"), layer("b")], NO_HINTS)).toMatchObject({ content: { id: "a" }, style: { id: "b" } });
  });
  test("takes the layer that was the style last time", () => {
    expect(styleOf([layer("a"), layer("b")], { ...NO_HINTS, lastStyleId: "a" })).toBe("a");
  });
  test("takes a layer whose name says painting", () => {
    expect(styleOf([layer("a", { name: "Old painting" }), layer("b")])).toBe("a");
  });
  test("takes a photo fill beside a frame", () => {
    expect(styleOf([layer("a", { kind: "photo" }), layer("b")])).toBe("a");
  });
  test("never takes a result", () => {
    expect(styleOf([layer("a"), layer("b", { name: "x / style", recipe: RECIPE })])).toBe("a");
  });
  test("remembers a swap for the pair, in either order of selecting", () => {
    const [a, b] = [layer("a"), layer("b")];
    const hints = { lastStyleId: null, swapped: new Set([pairKey(a, b)]) };
    expect(styleOf([a, b], hints)).toBe("a");
    expect(styleOf([b, a], hints)).toBe("b");
  });
  test("leaves out layers that can not be read", () => {
    expect(guessRoles([layer("a", { problem: "is hidden." }), layer("b")], NO_HINTS)).toEqual({
      content: layer("b"),
      style: null,
    });
  });
  test("has nothing for nothing", () => {
    expect(guessRoles([], NO_HINTS)).toEqual({ content: null, style: null });
  });
});
