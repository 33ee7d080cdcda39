// The panel as a person uses it in an end-to-end test, and the pictures and checks that these tests share.

import type { Locator } from "playwright-core";
import sharp from "sharp";
import { expect } from "vitest";
import type { OpenWindow } from "../hosts/figma/frame.ts";
import { TAKES_PICTURES, takePicture } from "../setup/picture.ts";

/** Software rendering takes its time for each layer of the network. */
export const SHALLOW = {
  "impasto.preferences.v1": {
    settings: {
      styleLayers: ["relu1_1", "relu2_1"],
      contentLayers: ["relu2_1"],
      styleLoss: "gram-normalized",
    },
  },
};

export class Panel {
  readonly window: OpenWindow;
  constructor(window: OpenWindow) {
    this.window = window;
  }

  button(name: string | RegExp): Locator {
    return this.window.panel.getByRole("button", { name, exact: typeof name === "string" });
  }
  tab(name: string): Locator {
    return this.window.panel.getByRole("tab", { name });
  }
  text(text: string | RegExp): Locator {
    return this.window.panel.getByText(text);
  }
  async choose(name: string): Promise<void> {
    await this.window.panel.getByRole("radio", { name, exact: true }).check({ force: true });
  }
  /** Types a size in px. */
  async size(px: number): Promise<void> {
    const field = this.window.panel.getByLabel("Size");
    await field.fill(String(px));
    await field.press("Tab");
  }

  /** Types the code that the companion shows into the pairing screen, which sends it when it is whole. */
  async pair(code: Promise<string>): Promise<void> {
    await this.button("Type the code").click();
    await this.window.panel.getByLabel("Pairing code").fill(await code);
    await this.text(/^Companion on/).waitFor();
  }

  /** A draft of the selected layers at a long side of `px`, ended early and inserted. */
  async paintAndInsert(px: number): Promise<void> {
    await this.begin("Draft", px);
    await this.moving();
    await this.useNow();
    await this.insert();
  }

  /** "Use this one now"; so small a run may be over before the button is hit. */
  async useNow(): Promise<void> {
    const done = this.text(/^Done in/).waitFor();
    await Promise.any([this.button("Use this one now").click(), done]);
    await done;
  }

  /** As `paintAndInsert`, in the quality of that name and to its end. */
  async paintToTheEnd(quality: string, px: number): Promise<void> {
    await this.begin(quality, px);
    await this.insert();
  }

  private async begin(quality: string, px: number): Promise<void> {
    await this.choose(quality);
    await this.size(px);
    await this.text(new RegExp(`^${px} × \\d+ px, about`)).waitFor();
    await this.button("Stylize").click();
  }

  private async insert(): Promise<void> {
    // Software rendering takes its time.
    await this.text(/^Done in/).waitFor({ timeout: 180_000 });
    await this.screenshot("panel-done");
    await this.button("Insert above original").click();
    await this.text("Inserted").waitFor();
  }

  /** Waits until a run has got further, to be seen in its numbers. */
  async moving(): Promise<void> {
    const numbers = () => this.window.panel.locator(".progress-line .number").textContent();
    // Software rendering compiles for a long time first.
    await this.text("Painting").waitFor({ timeout: 90_000 });
    const now = await numbers();
    await expect.poll(numbers, { timeout: 30_000 }).not.toBe(now);
  }

  /** A picture of the window for people: test/artifacts/figma-NAME.png. */
  async screenshot(name: string): Promise<void> {
    if (!TAKES_PICTURES) return;
    // The window follows the panel's height a moment later.
    await this.window.page.waitForTimeout(200);
    const height = (await this.window.vm.heights()).at(-1) ?? 560;
    const clip = { x: 0, y: 0, width: 320, height: Math.min(900, height) };
    await takePicture(this.window.page, `figma-${name}.png`, { clip });
  }
}

/** Mean absolute difference of two pictures in the first one's size, 0 … 255, over what is opaque in both. */
export async function difference(a: Uint8Array, b: Uint8Array): Promise<number> {
  const first = await sharp(a).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = first.info;
  const second = await sharp(b).resize(width, height, { fit: "fill" }).ensureAlpha().raw().toBuffer();
  let sum = 0;
  let count = 0;
  for (let i = 0; i < first.data.length; i += 4) {
    if ((first.data[i + 3] as number) < 255 || (second[i + 3] as number) < 255) continue;
    for (let c = i; c < i + 3; c++) sum += Math.abs((first.data[c] as number) - (second[c] as number));
    count += 3;
  }
  return sum / Math.max(1, count);
}

/** The result stands over its content in the same place, is another picture, and still shows the same scene. */
export async function checkResult({ vm }: OpenWindow, content: string, resultId: string): Promise<void> {
  const [from, made] = [await vm.inspect(content), await vm.inspect(resultId)];
  expect(made.parent).toBe(from.parent);
  expect(made.index).toBe(from.index + 1);
  expect([made.width, made.height, made.transform, made.radii]).toEqual([
    from.width,
    from.height,
    from.transform,
    from.radii,
  ]);
  expect(made.name).toBe(`${from.name} / Waves`);
  expect(JSON.parse(made.recipe)).toMatchObject({ contentId: from.id, styleName: "Waves" });
  expect(Object.keys(made.relaunch)).toEqual(["restyle"]);
  const [before, after] = [await vm.picture(content), await vm.picture(resultId)];
  const changed = await difference(before, after);
  expect(changed).toBeGreaterThan(4);
  expect(changed).toBeLessThan(90);
}
