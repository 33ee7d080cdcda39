// The real panel in a frame like Figma's, the real plugin in QuickJS, the real companion: what a designer does.

import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { DESKTOP_APP, type OpenWindow, openWindow, type WindowOptions } from "../hosts/figma/frame.ts";
import { twoLayers } from "../hosts/figma/samples.ts";
import { launchBrowser, SWIFTSHADER } from "../setup/browser.ts";
import { onlyPort, type RunningCompanion, startCompanion } from "./companion.ts";
import { checkResult, Panel, SHALLOW } from "./figma-panel.ts";

let window: OpenWindow | null = null;

afterEach(async () => {
  const complaints = window?.complaints ?? [];
  await window?.close();
  window = null;
  expect(complaints).toEqual([]);
});

async function open(browser: Browser, options: WindowOptions = {}): Promise<Panel> {
  window = await openWindow(browser, { ...(await twoLayers()), ...options });
  return new Panel(window);
}

const PATIENT = { timeout: 240_000 };

describe("with the companion", PATIENT, () => {
  let companion: RunningCompanion;
  let browser: Browser;
  beforeAll(async () => {
    companion = await startCompanion();
    // Without WebGL: what draws the page by software takes its time.
    browser = await launchBrowser([...DESKTOP_APP, onlyPort(companion.port)]);
  });
  afterAll(async () => {
    await browser?.close();
    await companion?.stop();
  });

  test("two layers become a result above the first: pairing, Stylize, strength mid-run, Insert, Undo", async () => {
    const panel = await open(browser);
    const { vm } = panel.window;
    const before = await vm.snapshot();
    await panel.text("Pair with the companion").waitFor();
    await panel.screenshot("unpaired");
    await panel.pair(companion.pairingCode());
    await panel.choose("Draft");
    await panel.text(/^128 × 96 px, about/).waitFor();
    await panel.screenshot("ready");
    await panel.button("Stylize").click();
    await panel.moving();
    await panel.window.panel.getByRole("slider", { name: "Strength" }).press("ArrowRight");
    await panel.moving();
    await panel.screenshot("running");
    await panel.useNow();
    await panel.screenshot("done");
    await panel.button("Insert above original").click();
    await panel.text("Inserted").waitFor();
    await panel.screenshot("inserted");
    const [inserted] = await vm.selection();
    await checkResult(panel.window, "Harbor", inserted as string);
    expect(JSON.parse((await vm.inspect(inserted as string)).recipe).settings).toMatchObject({
      strength: 51,
      quality: "draft",
    });
    await panel.button("Undo").click();
    await expect.poll(() => vm.exists(inserted as string)).toBe(false);
    expect(await vm.snapshot()).toBe(before);
  });
});

describe("without a companion", PATIENT, () => {
  let browser: Browser | null = null;
  afterAll(() => browser?.close());

  test("the panel paints by itself", async () => {
    browser = await launchBrowser([...SWIFTSHADER, ...DESKTOP_APP, onlyPort(null)]);
    const panel = await open(browser, { storage: SHALLOW });
    const { vm } = panel.window;
    await panel.text("The companion isn’t running").waitFor();
    await panel.screenshot("absent");
    await panel.button("Continue in this panel").click();
    await panel.paintToTheEnd("Quick", 48);
    const [inserted] = await vm.selection();
    await checkResult(panel.window, "Harbor", inserted as string);
  });
});
