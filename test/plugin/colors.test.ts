// The file's own colors, offered for a palette: styles of one solid color, and variables in the modes of what is selected.

import { expect, test } from "vitest";
import type { NamedColor } from "../../companion/protocol/host/messages.ts";
import type { OpenOptions } from "../hosts/figma/inside.ts";
import { openPlugin } from "./open-plugin.ts";

const STYLES = [
  { name: "Brand / Navy", color: "#0b1d3a" },
  { name: "Brand / Sun", color: "#f2c14e" },
];

const COLLECTIONS = [
  { id: "base", name: "Base", modes: [{ modeId: "b", name: "Value" }] },
  {
    id: "theme",
    name: "Theme",
    modes: [
      { modeId: "light", name: "Light" },
      { modeId: "dark", name: "Dark" },
    ],
  },
];

const VARIABLES = [
  { id: "red", name: "red/500", collection: "base", scopes: [], values: { b: { r: 1, g: 0, b: 0 } } },
  { id: "sea", name: "sea/500", collection: "base", values: { b: { r: 0, g: 0.5, b: 0.6, a: 1 } } },
  { id: "accent", name: "accent", collection: "theme", values: { light: "red", dark: { r: 0, g: 1, b: 0 } } },
  { id: "scrim", name: "scrim", collection: "theme", values: { light: { r: 0, g: 0, b: 0, a: 0.4 }, dark: "sea" } },
  { id: "lost", name: "lost", collection: "theme", values: { light: "gone", dark: "gone" } },
];

async function offered(selected: string[], more: OpenOptions = {}): Promise<NamedColor[]> {
  const dark = { modes: { theme: "dark" } };
  const { ask } = await openPlugin({
    collections: COLLECTIONS,
    variables: VARIABLES,
    layers: [
      { key: "day", type: "FRAME" },
      { key: "night", type: "FRAME", set: dark, children: [{ key: "lamp", type: "RECTANGLE" }] },
    ],
    selected,
    ...more,
  });
  return await ask<NamedColor[]>({ kind: "colors" });
}

test("styles of one solid color come first, then variables that Figma's own pickers show and that hide what they cover", async () => {
  expect(await offered([])).toEqual([
    ...STYLES,
    { name: "sea/500", color: "#008099" },
    { name: "accent", color: "#ff0000" },
  ]);
});

test("variables have the colors of the selected layer's modes, each color once", async () => {
  expect(await offered(["lamp"])).toEqual([
    ...STYLES,
    { name: "sea/500", color: "#008099" },
    { name: "accent", color: "#00ff00" },
  ]);
});

test("of a page without a layer there are the styles alone", async () => {
  expect(await offered([], { layers: [] })).toEqual(STYLES);
});

test("no more are offered than a person looks through", async () => {
  const variables = Array.from({ length: 100 }, (_, i) => {
    return { id: `${i}`, name: `grey/${i}`, collection: "base", values: { b: { r: i / 100, g: 0, b: 0 } } };
  });
  expect(await offered([], { variables })).toHaveLength(64);
});
