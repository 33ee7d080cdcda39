// The panel's host in Photopea over the stand-in: documents that are not in front, layers that reach beyond the canvas,
// and what goes wrong half way. Pixels are left out here; test/e2e/photopea.test.ts looks at them.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Insertion, Selection } from "../../../ui/host.ts";
import { makeBridge } from "../../../ui/hosts/photopea/bridge.ts";
import { makePhotopeaHost } from "../../../ui/hosts/photopea/photopea-host.ts";
import { StandInPhotopea } from "../../hosts/photopea/stand-in.ts";

const RECIPE = {
  version: 1 as const,
  contentId: "",
  contentName: "Town",
  styleId: null,
  styleName: "Waves",
  styleKey: null,
  moreStyles: [],
  masks: [],
  keepText: false,
  settings: { strength: 60 },
};

/** As much of a canvas as the host and the stand-in touch; its blob holds its size. */
class Canvas {
  width: number;
  height: number;
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
  }
  getContext() {
    return { drawImage: () => undefined };
  }
  async convertToBlob() {
    return new Blob([JSON.stringify([this.width, this.height])]);
  }
}

beforeEach(() => {
  vi.stubGlobal("OffscreenCanvas", Canvas);
  vi.stubGlobal("document", { visibilityState: "visible" });
  vi.stubGlobal("createImageBitmap", async (blob: Blob) => {
    const [width, height] = JSON.parse(await blob.text()) as [number, number];
    return { width, height, close: () => undefined };
  });
});
afterEach(() => void vi.unstubAllGlobals());

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function open(storage: Record<string, unknown> = {}) {
  const photopea = new StandInPhotopea({ earlyDone: true, extraDone: 1, pings: true, openDelayMs: 5 });
  let hear: (data: unknown) => void = () => undefined;
  const bridge = makeBridge({
    post: (message) => photopea.receive(message, (reply) => setTimeout(() => hear(reply))),
    listen(listener) {
      hear = listener;
    },
  });
  const host = makePhotopeaHost(bridge, {
    load: async (key) => storage[key],
    save: async (key, value) => void Object.assign(storage, { [key]: value }),
    notify: () => undefined,
    download: () => undefined,
  });
  const addLayer = (name: string, document = "Poster", [left, top, width, height] = [10, 20, 60, 40]) => {
    const home = photopea.documents.find((one) => one.name === document) ?? photopea.addDocument(document, 200, 160);
    return photopea.addLayer(home, name, new OffscreenCanvas(width as number, height as number), left, top);
  };
  return { photopea, host, addLayer, storage };
}

async function selectionOf(host: ReturnType<typeof open>["host"]): Promise<Selection> {
  let stop = (): void => undefined;
  const selection = await new Promise<Selection>((resolve) => {
    stop = host.onSelection(resolve);
    stops.push(() => stop());
  });
  stop();
  return selection;
}

async function idOf({ host }: ReturnType<typeof open>, name: string): Promise<string> {
  const id = (await host.listFrames("page")).find((layer) => layer.name === name)?.id;
  expect(id).toBeDefined();
  return id as string;
}

function insertion(contentId: string): Insertion {
  const bytes = new TextEncoder().encode("[60,40]");
  return { contentId, name: "Town / Waves", bytes, width: 60, height: 40, recipe: { ...RECIPE, contentId } };
}

const names = (photopea: StandInPhotopea) => photopea.documents.map(({ name }) => name);
const layersOf = (photopea: StandInPhotopea, document: string) =>
  photopea.documents.find(({ name }) => name === document)?.layers.map(({ name }) => name);

describe("reading a layer", () => {
  test("closes the copy it made and nothing else, also when the layer went away meanwhile", async () => {
    const bench = open();
    const town = bench.addLayer("Town");
    bench.addLayer("Sky");
    const id = await idOf(bench, "Town");
    // Deleted after the host has looked and before its script runs.
    const { receive } = bench.photopea;
    bench.photopea.receive = function (data, post) {
      if (typeof data === "string" && data.includes("saveToOE")) {
        const [poster] = this.documents;
        if (poster !== undefined) poster.layers = poster.layers.filter((layer) => layer !== town);
      }
      receive.call(this, data, post);
    };
    await expect(bench.host.readPicture(id, { maxSide: 1024 })).rejects.toThrow();
    expect(names(bench.photopea)).toEqual(["Poster"]);
  });

  test("finds its document when another one is in front, and leaves that one in front", async () => {
    const bench = open();
    bench.addLayer("Town");
    const id = await idOf(bench, "Town");
    bench.addLayer("Other", "Flyer");
    expect((await bench.host.readPicture(id, { maxSide: 1024 })).name).toBe("Town");
    expect(names(bench.photopea)).toEqual(["Poster", "Flyer"]);
    expect(bench.photopea.documents[bench.photopea.active]?.name).toBe("Flyer");
  });

  test("gives what shows on the canvas, and says which layers show nothing", async () => {
    const bench = open();
    bench.addLayer("Wide", "Poster", [-50, 100, 400, 100]);
    bench.addLayer("Outside", "Poster", [300, 0, 50, 50]);
    bench.addLayer("Hidden").visible = false;
    const layers = await bench.host.listFrames("page");
    expect(layers.map(({ name, width, height, problem }) => [name, width, height, problem])).toEqual([
      ["Hidden", 60, 40, "is hidden. Show it first"],
      ["Outside", 0, 50, "lies outside the canvas"],
      ["Wide", 200, 60, null],
    ]);
    expect(await bench.host.readPicture(await idOf(bench, "Wide"), { maxSide: 1024 })).toMatchObject({
      width: 200,
      height: 60,
    });
  });
});

describe("inserting a result", () => {
  test("goes into its content's document, whichever is in front", async () => {
    const bench = open();
    bench.addLayer("Town");
    const id = await idOf(bench, "Town");
    // The same count of layers, so that the layer's own number exists here as well.
    bench.addLayer("Other", "Flyer");
    await bench.host.insert([insertion(id)]);
    expect(layersOf(bench.photopea, "Poster")).toEqual(["Town / Waves", "Town"]);
    expect(layersOf(bench.photopea, "Flyer")).toEqual(["Other"]);
    await bench.host.undo();
    expect(layersOf(bench.photopea, "Poster")).toEqual(["Town"]);
  });

  test("covers the part of the content that shows", async () => {
    const bench = open();
    bench.addLayer("Wide", "Poster", [-50, 100, 400, 100]);
    await bench.host.insert([insertion(await idOf(bench, "Wide"))]);
    const made = bench.photopea.documents[0]?.layers[0];
    expect([made?.left, made?.top, made?.canvas.width, made?.canvas.height]).toEqual([0, 100, 200, 60]);
  });

  test("is remembered with its recipe; what is no recipe in the storage is left out", async () => {
    const bench = open({ "impasto.photopea.recipes.v1": { broken: { version: 1 }, other: 7 } });
    await bench.host.start();
    bench.addLayer("Town");
    await bench.host.insert([insertion(await idOf(bench, "Town"))]);
    const stored = bench.storage["impasto.photopea.recipes.v1"] as Record<string, unknown>;
    expect(Object.keys(stored)).toHaveLength(1);
    expect((await selectionOf(bench.host)).layers[0]?.recipe?.settings.strength).toBe(60);
  });
});

test("the panel starts while Photopea does not answer", async () => {
  const bench = open();
  bench.photopea.receive = () => undefined;
  await expect(bench.host.start()).resolves.toEqual({ command: "open", parameters: {} });
});
