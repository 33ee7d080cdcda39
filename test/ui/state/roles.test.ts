// What selected layers are guessed to be for, and what becomes of it when somebody changes a role.

import { describe, expect, test } from "vitest";
import type { Role } from "../../../companion/protocol/host/roles.ts";
import type { Box, Layer } from "../../../ui/host.ts";
import { changeRole, type RoleHints, type Roles, rolesOf, selectionKey } from "../../../ui/state/roles.ts";

const NO_HINTS: RoleHints = { lastStyleId: null, hasOtherStyle: false, given: new Map() };
const WITH_STORED: RoleHints = { ...NO_HINTS, hasOtherStyle: true };

function layer(id: string, more: Partial<Layer> = {}): Layer {
  const nowhere = { box: null, hasText: false };
  return { id, name: id, kind: "frame", width: 100, height: 100, problem: null, recipe: null, ...nowhere, ...more };
}

/** Hundred by hundred, `x` to the right. */
const at = (x: number, width = 100): Box => ({ x, y: 0, width, height: width });

const RECIPE = {
  version: 1 as const,
  contentId: "a",
  contentName: "a",
  styleId: null,
  styleName: "s",
  styleKey: null,
  moreStyles: [],
  masks: [],
  keepText: false,
  settings: {},
};

function styleOf(layers: Layer[], hints = NO_HINTS): string | undefined {
  return [...rolesOf(layers, hints)].find(([, { kind }]) => kind === "style")?.[0];
}

/** "a content, b style, c region 0" */
function told(roles: Roles): string {
  const words = (role: Role) => ("style" in role ? `${role.kind} ${role.style}` : role.kind);
  return [...roles].map(([id, role]) => `${id} ${words(role)}`).join(", ");
}

describe("two layers", () => {
  test("the one that was selected last is the style when nothing else tells", () => {
    expect(told(rolesOf([layer("a"), layer("b")], NO_HINTS))).toBe("a content, b style");
  });
  test("the one that was the style last time is it again", () => {
    expect(styleOf([layer("a"), layer("b")], { ...NO_HINTS, lastStyleId: "a" })).toBe("a");
  });
  test("a name that says painting is a style's", () => {
    expect(styleOf([layer("a", { name: "Old painting" }), layer("b")])).toBe("a");
  });
  test("a photo fill beside a frame is the style", () => {
    expect(styleOf([layer("a", { kind: "photo" }), layer("b")])).toBe("a");
  });
  test("a result is never the style", () => {
    expect(styleOf([layer("a"), layer("b", { name: "x / style", recipe: RECIPE })])).toBe("a");
  });
  test("a role that was given stays for the pair, in either order of selecting", () => {
    const [a, b] = [layer("a"), layer("b")];
    const swapped = changeRole(rolesOf([a, b], NO_HINTS), "b", { kind: "content" });
    const hints = { ...NO_HINTS, given: new Map([[selectionKey([a, b]), swapped]]) };
    expect(styleOf([a, b], hints)).toBe("a");
    expect(styleOf([b, a], hints)).toBe("a");
    expect(styleOf([a, layer("c")], hints)).toBe("c");
  });
  test("a layer that can not be read has no role", () => {
    expect(told(rolesOf([layer("a", { problem: "is hidden." }), layer("b")], NO_HINTS))).toBe("b content");
  });
  test("nothing has none", () => {
    expect(rolesOf([], NO_HINTS).size).toBe(0);
  });
  test("a shape over a photo says where a stored style goes; without one, or beside it, it is the style", () => {
    const photo = layer("photo", { kind: "photo", box: at(0) });
    const over = layer("shape", { kind: "shape", box: at(20, 40) });
    const beside = layer("shape", { kind: "shape", box: at(300) });
    expect(told(rolesOf([photo, over], WITH_STORED))).toBe("photo content, shape region 0");
    expect(told(rolesOf([over, photo], NO_HINTS))).toMatch(/style/);
    expect(told(rolesOf([photo, beside], WITH_STORED))).not.toMatch(/region/);
  });
});

describe("three layers and more", () => {
  const photo = layer("photo", { kind: "photo", box: at(0) });
  const style = layer("style", { kind: "photo", box: at(200) });
  const shape = (id: string, box: Box | null, more: Partial<Layer> = {}) => layer(id, { kind: "shape", box, ...more });

  test("a shape over the content says where the style goes, whatever was selected first", () => {
    const region = shape("s", at(30, 40));
    expect(told(rolesOf([photo, style, region], NO_HINTS))).toBe("photo content, style style, s region 0");
    expect(told(rolesOf([region, style, photo], NO_HINTS))).toBe("s region 0, style style, photo content");
  });
  test("a text is a mask as well, and a picture whose name says so", () => {
    const text = layer("t", { kind: "text", box: at(10, 50) });
    const mask = layer("m", { kind: "picture", name: "Sky mask" });
    expect(told(rolesOf([photo, style, text, mask], NO_HINTS))).toMatch(/t region 0, m region 0$/);
  });
  test("a shape over a style and not over the content says what counts of that style", () => {
    expect(told(rolesOf([photo, style, shape("s", at(220, 40))], NO_HINTS))).toMatch(/s source 0$/);
  });
  test("a name that says so protects", () => {
    expect(told(rolesOf([photo, style, shape("s", at(30, 40), { name: "Logo" })], NO_HINTS))).toMatch(/s protect$/);
  });
  test("further pictures are styles, each with a region of its own as far as there are shapes", () => {
    const second = layer("second", { kind: "photo", box: at(400) });
    const masks = [shape("m", at(10, 20)), shape("n", at(50, 20)), shape("o", at(80, 10))];
    expect(told(rolesOf([photo, style, second, ...masks], NO_HINTS))).toBe(
      "photo content, style style, second style, m region 0, n region 1, o region 1",
    );
  });
  test("nothing but masks still has a content", () => {
    expect(told(rolesOf([shape("a", null), shape("b", null)], WITH_STORED))).toBe("a content, b style");
  });
});

describe("a changed role", () => {
  const before: Roles = new Map<string, Role>([
    ["a", { kind: "content" }],
    ["b", { kind: "style" }],
    ["c", { kind: "region", style: 0 }],
  ]);

  test("is the only thing that changes, as a rule", () => {
    expect(told(changeRole(before, "c", { kind: "protect" }))).toBe("a content, b style, c protect");
  });
  test("of content goes on to one layer alone: the former one takes what that was", () => {
    expect(told(changeRole(before, "c", { kind: "content" }))).toBe("a region 0, b style, c content");
  });
  test("that the content gives up is taken over by a style", () => {
    expect(told(changeRole(before, "a", { kind: "protect" }))).toBe("a protect, b content, c region 0");
  });
  test("can not be taken from the only layer", () => {
    const alone: Roles = new Map([["a", { kind: "content" }]]);
    expect(changeRole(alone, "a", { kind: "style" })).toBe(alone);
  });
});
