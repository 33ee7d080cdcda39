// What the panel's own engine shows of its work.

import { expect, test } from "vitest";
import { interleaved, toPalette } from "../../../../../companion/protocol/palette.ts";
import { DEFAULT_SETTINGS } from "../../../../../companion/protocol/settings.ts";
import { Scene } from "../../../../../ui/engines/panel/worker/scene.ts";

const SIZE = { width: 40, height: 32 };
const picture = (step: number) => ({
  ...SIZE,
  alpha: null,
  data: Float32Array.from({ length: 3 * SIZE.width * SIZE.height }, (_, at) => ((at * step) % 97) / 96),
});

test("a result is shown on the palette, whatever else its colors went through", () => {
  const content = picture(7);
  const style = { image: picture(11), weight: 1, source: null, layers: null };
  const sources = {
    content,
    plain: content,
    original: null,
    styles: [style],
    regions: [],
    protect: null,
    initial: null,
  };
  const palette = ["#0b1d3a", "#f2c14e"];
  for (const colors of ["style", "keep"] as const) {
    const settings = { ...DEFAULT_SETTINGS, colors };
    const plain = new Scene(sources, settings, SIZE).shown(picture(5));
    const shown = new Scene(sources, { ...settings, palette }, SIZE).shown(picture(5));
    expect(shown.data).toEqual(toPalette(plain.data, interleaved(SIZE.width * SIZE.height, 1), palette));
    expect(shown.data).not.toEqual(plain.data);
  }
});

test("what is protected is on no palette", () => {
  const content = picture(7);
  const protect = {
    ...SIZE,
    channels: 1 as const,
    data: new Float32Array(SIZE.width * SIZE.height).fill(1, 0, SIZE.width),
  };
  const style = { image: picture(11), weight: 1, source: null, layers: null };
  const sources = { content, plain: content, original: null, styles: [style], regions: [], protect, initial: null };
  const { data } = new Scene(sources, { ...DEFAULT_SETTINGS, palette: ["#d1495b"] }, SIZE).shown(picture(5));
  const row = 3 * SIZE.width;
  expect(data.slice(0, row)).toEqual(content.data.slice(0, row));
  expect(data.slice(row, 2 * row)).not.toEqual(content.data.slice(row, 2 * row));
});
