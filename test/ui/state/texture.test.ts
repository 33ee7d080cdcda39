// A texture without its looks: what is asked of the engine, and what goes into the document.

import { signal } from "@preact/signals-core";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { Surface } from "../../../ui/host.ts";
import { createPanel } from "../../../ui/state/panel.ts";
import { createFakeEngine, createFakeLink } from "../panel/fake-engine.ts";
import { createFakeHost, fakeLayer } from "../panel/fake-host.ts";

const STYLE = { bytes: new TextEncoder().encode("Waves"), name: "Waves", width: 800, height: 600 };
const TILE = {
  bytes: new Uint8Array([7]),
  width: 256,
  height: 256,
  iterations: 9,
  seconds: 1,
  device: "",
  stopped: false,
};

beforeAll(() => {
  // Node has no canvas: its size is all that counts here.
  vi.stubGlobal(
    "OffscreenCanvas",
    class {
      readonly width: number;
      readonly height: number;
      constructor(width: number, height: number) {
        this.width = width;
        this.height = height;
      }
      getContext = () => ({ fillRect: () => undefined });
      convertToBlob = async () => new Blob([new Uint8Array([1])]);
    },
  );
  return () => vi.unstubAllGlobals();
});

async function painting() {
  const engine = createFakeEngine("companion", "Apple M2");
  const host = createFakeHost([fakeLayer("style", STYLE)]);
  const panel = createPanel({ host, link: createFakeLink(engine), panelEngine: engine, visible: signal(true) });
  await panel.start();
  host.select(["style"]);
  panel.setSetting("colors", "keep");
  panel.texture.open();
  panel.texture.surface.value = { width: 1920, height: 400 };
  panel.texture.tile.value = 256;
  void panel.texture.start();
  await vi.waitFor(() => expect(engine.runs).toHaveLength(1));
  return { engine, host, panel };
}

describe("a texture from the style", () => {
  test("of one selected layer is painted from noise, of its style alone, seamless and as large as its tile", async () => {
    const { engine } = await painting();
    const { content, styles, settings } = engine.runs[0]?.request ?? {};
    expect(styles?.map(({ picture }) => picture.name)).toEqual(["Waves"]);
    expect([content?.width, content?.height]).toEqual([256, 256]);
    expect(settings).toMatchObject({
      ...{ contentWeight: 0, strength: 100, init: "noise", seamless: "both", size: 256 },
      ...{ quality: "standard", colors: "style" },
    });
  });

  test("goes into the document as a surface of the asked size, and leaves the panel's settings alone", async () => {
    const { engine, host, panel } = await painting();
    engine.runs[0]?.finish(TILE);
    await vi.waitFor(() => expect(panel.run.phase.value).toBe("done"));
    await panel.run.insert();
    const surface = host.calls.find(({ name }) => name === "insertSurface")?.value as Surface;
    expect(surface).toMatchObject({ name: "Texture / Waves", width: 1920, height: 400, besideId: "style" });
    expect(surface.tile).toMatchObject({ width: 256, bytes: TILE.bytes });
    expect([panel.run.insertedId.value, host.inserted]).toEqual(["surface", []]);
    expect(panel.settings.value).toMatchObject({ strength: 50, colors: "keep", seamless: "off" });
  });

  test("is tried again as a texture, and does not go on from a moved strength", async () => {
    const { engine, panel } = await painting();
    engine.runs[0]?.fail(new ImpastoError("busy", "Busy."));
    await vi.waitFor(() => expect(panel.run.phase.value).toBe("failed"));
    void panel.run.retry();
    await vi.waitFor(() => expect(engine.runs).toHaveLength(2));
    expect(engine.runs[1]?.request.settings.init).toBe("noise");
    engine.runs[1]?.finish(TILE);
    await vi.waitFor(() => expect(panel.run.phase.value).toBe("done"));
    panel.setSetting("strength", 20);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(engine.runs).toHaveLength(2);
  });
});
