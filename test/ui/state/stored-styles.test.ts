// Styles that are kept for the next time: their order, their room, and what is left of one that could not be kept.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createStoredStyles } from "../../../ui/state/stored-styles.ts";

/** Bytes of the JPEG that the browser makes of a picture at its stored size. */
let pictureBytes = 400_000;

class Canvas {
  width: number;
  constructor(width: number) {
    this.width = width;
  }
  getContext() {
    return { fillRect: () => undefined, drawImage: () => undefined };
  }
  async convertToBlob() {
    return new Blob([new Uint8Array(this.width > 500 ? pictureBytes : 3_000)]);
  }
}

beforeEach(() => {
  pictureBytes = 400_000;
  vi.stubGlobal("OffscreenCanvas", Canvas);
  vi.stubGlobal("createImageBitmap", async () => ({ width: 2000, height: 1000, close: () => undefined }));
});
afterEach(() => void vi.unstubAllGlobals());

function open(limitBytes = 5_000_000) {
  const storage = new Map<string, unknown>();
  const size = () =>
    [...storage.values()].reduce<number>((sum, value) => sum + (value instanceof Uint8Array ? value.length : 0), 0);
  const host = {
    load: async (key: string) => storage.get(key),
    async save(key: string, value: unknown) {
      const before = storage.get(key);
      if (value === undefined) storage.delete(key);
      else storage.set(key, value);
      if (size() <= limitBytes) return;
      if (before === undefined) storage.delete(key);
      else storage.set(key, before);
      throw new Error("full");
    },
  };
  const styles = createStoredStyles(host);
  const remember = (name: string) =>
    styles.remember({ bytes: new TextEncoder().encode(name), name, width: 2000, height: 1000 });
  const names = () => styles.list.value.map(({ name }) => name);
  const pictures = () => [...storage.keys()].filter((key) => key.startsWith("impasto.style."));
  return { styles, storage, host, remember, names, pictures };
}

test("the newest comes first, and the ninth takes the oldest one's place", async () => {
  const { remember, names, pictures } = open();
  for (let index = 1; index <= 9; index++) await remember(`style ${index}`);
  await remember("style 4");
  expect(names()).toEqual([4, 9, 8, 7, 6, 5, 3, 2].map((index) => `style ${index}`));
  expect(pictures()).toHaveLength(8);
});

test("large pictures make room for the new one in time", async () => {
  pictureBytes = 860_000;
  const { remember, names, pictures } = open();
  for (let index = 1; index <= 8; index++) await remember(`style ${index}`);
  expect(names()).toEqual(["style 8", "style 7", "style 6", "style 5"]);
  expect(pictures()).toHaveLength(4);
});

test("two that come at the same time are both kept", async () => {
  const { remember, names, storage } = open();
  await Promise.all([remember("one"), remember("two")]);
  expect(names().sort()).toEqual(["one", "two"]);
  expect(storage.get("impasto.styles.v1")).toHaveLength(2);
});

test("one that finds no room leaves nothing behind, and the others stay", async () => {
  const { remember, names, pictures } = open(500_000);
  await remember("one");
  await remember("two");
  expect(names()).toEqual(["one"]);
  expect(pictures()).toHaveLength(1);
});

test("what another version wrote is read as far as it goes", async () => {
  const { styles, storage } = open();
  const style = { key: "k", name: "Waves", width: 8, height: 8, thumbnail: new Uint8Array(1) };
  storage.set("impasto.styles.v1", [style, { key: 7 }, null]);
  await styles.load();
  expect(styles.list.value).toMatchObject([style]);
});
