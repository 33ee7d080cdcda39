// Styles that one keeps: with their settings, as files, and found again when they come back.

import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createPanel } from "../../../ui/state/panel.ts";
import { putStyleNote, takeStyleNote } from "../../../ui/state/style-file.ts";
import { createFakeEngine, createFakeLink } from "../panel/fake-engine.ts";
import { createFakeHost, fakeLayer } from "../panel/fake-host.ts";

/** A JPEG as far as its markers tell: start, a segment of another program, the scan. */
const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xda, 0, 2, 9, 9, 0xff, 0xd9]);
const saved: { name: string; blob: Blob }[] = [];

beforeEach(() => {
  saved.length = 0;
  vi.stubGlobal(
    "OffscreenCanvas",
    class {
      getContext = () => ({ fillRect: () => undefined, drawImage: () => undefined });
      convertToBlob = async () => new Blob([JPEG]);
    },
  );
  vi.stubGlobal("createImageBitmap", async () => ({ width: 800, height: 600, close: () => undefined }));
  vi.stubGlobal("document", {
    createElement: () => {
      const link = { href: "", download: "", click: () => undefined };
      link.click = () => void saved.push({ name: link.download, blob: blobs.at(-1) as Blob });
      return link;
    },
  });
  const blobs: Blob[] = [];
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => `blob:${blobs.push(blob as Blob)}`);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function open() {
  const engine = createFakeEngine("companion", "Apple M2");
  const source = (name: string) => ({ bytes: new TextEncoder().encode(name), name, width: 800, height: 600 });
  const host = createFakeHost([fakeLayer("photo", source("Photo")), fakeLayer("waves", source("Waves"))]);
  const panel = createPanel({ host, link: createFakeLink(engine), panelEngine: engine, visible: signal(true) });
  await panel.start();
  host.select(["photo", "waves"]);
  return { host, panel, styles: panel.styles, list: () => panel.styles.list.value };
}

/** Waves, kept with a strength of 80 and strokes of 2, and the file that came of it. */
async function keptFile() {
  const bench = await open();
  bench.panel.setSetting("strength", 80);
  bench.panel.setSetting("styleScale", 2);
  bench.panel.setSetting("device", "cpu");
  await bench.panel.kept.keepPresent();
  const [style] = bench.list();
  if (style === undefined) throw new Error("nothing was kept");
  await bench.panel.kept.save(style);
  const [file] = saved;
  if (file === undefined) throw new Error("nothing was saved");
  return { ...bench, style, file: new File([file.blob], file.name) };
}

describe("a kept style", () => {
  test("brings its settings along, and none of a machine's", async () => {
    const { panel, style } = await keptFile();
    expect(style).toMatchObject({ name: "Waves", kept: true, settings: { strength: 80, styleScale: 2 } });
    expect(style.settings).not.toHaveProperty("device");
    panel.setSetting("strength", 10);
    panel.kept.use({ from: "stored", key: style.key });
    expect(panel.settings.value).toMatchObject({ strength: 80, styleScale: 2 });
    expect(panel.inputs.style.value?.name).toBe("Waves");
  });

  test("stays when others are used after it, under the name that it was given", async () => {
    const { styles, style, list } = await keptFile();
    await styles.rename(style.key, "Great wave");
    for (let index = 0; index < 12; index++) {
      await styles.remember({ bytes: new Uint8Array([index]), name: `Used ${index}`, width: 9, height: 9 });
    }
    expect(list()).toHaveLength(9);
    expect(list().at(-1)).toMatchObject({ key: style.key, name: "Great wave" });
    await styles.forget(style.key);
    expect(list()).toHaveLength(8);
  });

  test("as a file goes into another panel with its name and settings, and is found again in its own", async () => {
    const { file, panel: own, list } = await keptFile();
    expect(file.name).toBe("Waves.impasto-style");
    await own.kept.bringIn([file]);
    expect(list()).toHaveLength(1);
    const other = await open();
    await other.panel.kept.bringIn([file]);
    expect(other.list()).toMatchObject([{ name: "Waves", kept: true, settings: { strength: 80, styleScale: 2 } }]);
    expect(other.panel.settings.value.strength).toBe(80);
    expect(other.panel.inputs.style.value?.id).toBe(`stored:${list()[0]?.key}`);
  });

  test("is stored as the file that it is, with what was learned in it", async () => {
    const { panel, host, list } = await open();
    const learned = Uint8Array.from([
      0xff,
      0xd8,
      0xff,
      0xe9,
      0,
      14,
      ...Buffer.from("Impasto\0"),
      0,
      0,
      0,
      1,
      ...JPEG.subarray(2),
    ]);
    await panel.kept.bringIn([new File([learned], "Learned.impasto-style")]);
    const [style] = list();
    expect(style?.name).toBe("Learned");
    expect(host.storage.get(`impasto.style.${style?.key}`)).toEqual(learned);
  });
});

describe("a style's note", () => {
  const note = { key: "k", name: "Wélle 🌊", settings: { strength: 30 } };

  test("comes out as it went in, once, and leaves the picture and other segments alone", () => {
    const twice = putStyleNote(putStyleNote(JPEG, { ...note, name: "Old" }), note);
    expect(takeStyleNote(twice)).toEqual(note);
    expect([...twice.subarray(-JPEG.length + 2)]).toEqual([...JPEG.subarray(2)]);
    expect(twice).toHaveLength(putStyleNote(JPEG, note).length);
  });

  test("is none in other files, cut ones, and ones with settings that do not exist", () => {
    for (const file of [new Uint8Array(0), JPEG, new TextEncoder().encode("hello")])
      expect(takeStyleNote(file)).toBeNull();
    const file = putStyleNote(JPEG, note);
    for (let length = 0; length < file.length - JPEG.length + 2; length++) {
      expect(takeStyleNote(file.subarray(0, length))).toBeNull();
    }
    const strange = { ...note, settings: { strength: 1000 } };
    expect(takeStyleNote(putStyleNote(JPEG, strange))).toBeNull();
  });
});
