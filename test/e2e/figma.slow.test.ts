// What takes minutes: a batch through a crash of the companion and through a closed file, browsers that block the
// companion, and frames that forbid blob: addresses; what comes after the first result, and after a cancelled run.

import type { Browser } from "playwright-core";
import { afterEach, describe, expect, test } from "vitest";
import { DESKTOP_APP, type OpenWindow, openWindow, type WindowOptions } from "../hosts/figma/frame.ts";
import { manyFrames, twoLayers } from "../hosts/figma/samples.ts";
import { launchBrowser, SWIFTSHADER } from "../setup/browser.ts";
import { onlyPort, type RunningCompanion, startCompanion } from "./companion.ts";
import { checkResult, Panel, SHALLOW } from "./figma-panel.ts";

const FRAMES = 6;

let companion: RunningCompanion | null = null;
let browser: Browser | null = null;
let windows: OpenWindow[] = [];
/** Complaints that a test expects, because the browser writes them whatever the page does. */
let expected: RegExp | null = null;

afterEach(async () => {
  const complaints = windows.flatMap((window) => window.complaints);
  for (const window of windows) await window.close();
  await browser?.close();
  await companion?.stop();
  const unexpected = complaints.filter((words) => expected === null || !expected.test(words));
  [windows, browser, companion, expected] = [[], null, null, null];
  expect(unexpected).toEqual([]);
});

async function open(options: WindowOptions, browserArguments: readonly string[] = DESKTOP_APP): Promise<Panel> {
  browser ??= await launchBrowser([...SWIFTSHADER, ...browserArguments, onlyPort(companion?.port ?? null)]);
  const window = await openWindow(browser, options);
  windows.push(window);
  return new Panel(window);
}

/** The panel with a batch of small drafts over all frames of the page, just begun. */
async function startBatch(running: RunningCompanion): Promise<Panel> {
  const panel = await open({ layers: await manyFrames(FRAMES), selected: ["Card 1", "Waves"] });
  await panel.pair(running.pairingCode());
  await panel.tab("Stylize").click();
  await panel.choose("Draft");
  await panel.size(64);
  await panel.tab("Batch").click();
  await panel.choose("Page");
  await panel.button(`Apply to ${FRAMES} frames`).waitFor();
  await panel.screenshot("batch-ready");
  await panel.button(`Apply to ${FRAMES} frames`).click();
  return panel;
}

/** One undo step, each result above what `contents` tells then, and all as before after an undo. */
async function insertAll(panel: Panel, words: string, contents: () => Promise<string[]>): Promise<void> {
  const { vm } = panel.window;
  const [before, steps] = [await vm.snapshot(), await vm.undoSteps()];
  await panel.button(words).click();
  await panel.text("All results are inserted").waitFor({ timeout: 60_000 });
  await panel.screenshot("batch-inserted");
  expect(await vm.undoSteps()).toBe(steps + 1);
  const [inserted, keys] = [await vm.selection(), await contents()];
  expect(inserted).toHaveLength(FRAMES);
  for (const [index, id] of inserted.entries()) await checkResult(panel.window, keys[index] ?? "", id);
  await vm.undo();
  expect(await vm.snapshot()).toBe(before);
}

const CARDS = Array.from({ length: FRAMES }, (_, index) => `Card ${index + 1}`);

describe("a batch of six frames", () => {
  test("survives the companion's crash at the third frame", async () => {
    companion = await startCompanion();
    // What the browser writes about the streams that the crash cuts off, and about the session that ended with the
    // companion, before the panel opens another.
    expected = /^Failed to load resource: (net::ERR_INCOMPLETE_CHUNKED_ENCODING|.* 401 .*) \(http:\/\/localhost:/;
    const panel = await startBatch(companion);
    await panel.text(`3 of ${FRAMES} done`).waitFor({ timeout: 300_000 });
    await companion.kill();
    await panel.text("Waiting for the companion").waitFor();
    await panel.screenshot("batch-lost");
    await companion.start();
    await panel.text(`${FRAMES} of ${FRAMES} done`).waitFor({ timeout: 300_000 });
    await panel.screenshot("batch-done");
    await insertAll(panel, `Insert ${FRAMES} results`, async () => CARDS);
  });

  test("goes on while the file is closed, and is inserted on a page of its own when it is opened again", async () => {
    companion = await startCompanion();
    const first = await startBatch(companion);
    await first.text(`2 of ${FRAMES} done`).waitFor({ timeout: 300_000 });
    const storage = await first.window.vm.storage();
    await first.window.page.close();
    const second = await open({ layers: await manyFrames(FRAMES), command: "batch", storage });
    await second.text(`${FRAMES} of ${FRAMES} done`).waitFor({ timeout: 300_000 });
    await second.button("Where the results go").click();
    await second.choose("On a new page");
    const { vm } = second.window;
    await insertAll(second, `Insert ${FRAMES} on a new page`, async () => {
      const page = (await vm.inspect((await vm.selection())[0] ?? "")).parent ?? "";
      const { name, children } = await vm.state(page);
      expect([name, (await vm.pages()).current]).toEqual(["Impasto results", "Impasto results"]);
      // A copy, its result, the next copy …
      return children.filter((_, index) => index % 2 === 0);
    });
  });
});

describe("Figma in a browser", () => {
  test("that blocks the companion says so, and the panel paints by itself", async () => {
    companion = await startCompanion();
    expected = /loopback|ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS|ERR_FAILED/;
    const panel = await open({ ...(await twoLayers()), app: "browser", storage: SHALLOW }, []);
    await panel.text("Your browser blocks the companion").waitFor();
    await panel.screenshot("blocked");
    await panel.button("Continue in this panel").click();
    await panel.paintToTheEnd("Quick", 48);
    const [inserted] = await panel.window.vm.selection();
    await checkResult(panel.window, "Harbor", inserted as string);
  });

  test("in which the user lets Figma reach this computer works with the companion", async () => {
    companion = await startCompanion();
    const panel = await open({ ...(await twoLayers()), app: "browser", grantsLocalNetwork: true }, []);
    await panel.pair(companion.pairingCode());
    await panel.tab("Stylize").click();
    await panel.choose("Draft");
    await panel.paintAndInsert(64);
    const [inserted] = await panel.window.vm.selection();
    await checkResult(panel.window, "Harbor", inserted as string);
  });

  test("whose frames forbid blob: addresses paints with a worker from a data: address", async () => {
    expected = /^Creating a worker from 'blob:/;
    const panel = await open({ ...(await twoLayers()), blobs: false, storage: SHALLOW });
    await panel.button("Continue in this panel").click();
    await panel.paintToTheEnd("Quick", 48);
    const [inserted] = await panel.window.vm.selection();
    await checkResult(panel.window, "Harbor", inserted as string);
  });
});

test("a quick action's style and strength are taken, and one layer is enough", async () => {
  companion = await startCompanion();
  const first = await open(await twoLayers());
  await first.pair(companion.pairingCode());
  await first.tab("Stylize").click();
  await first.paintAndInsert(64);
  const storage = await first.window.vm.storage();
  const [style] = storage["impasto.styles.v1"] as { key: string }[];
  await first.window.page.close();
  const parameters = { style: style?.key, strength: "80" };
  const second = await open({ ...(await twoLayers()), selected: ["Harbor"], storage, parameters });
  await second.text("Waves").first().waitFor();
  await second.text(/^64 × 48 px, about/).waitFor();
  expect(await second.window.panel.getByRole("slider", { name: "Strength" }).inputValue()).toBe("80");
  await second.screenshot("quick-action");
  await second.paintAndInsert(64);
  const [inserted] = await second.window.vm.selection();
  await checkResult(second.window, "Harbor", inserted as string);
  expect(JSON.parse((await second.window.vm.inspect(inserted as string)).recipe)).toMatchObject({
    styleKey: style?.key,
    settings: { strength: 80 },
  });
  const kept = (await second.window.vm.storage())["impasto.styles.v1"] as { key: string }[];
  expect(kept.map(({ key }) => key)).toEqual([style?.key]);
});

test("Restyle on a result goes on from it", async () => {
  companion = await startCompanion();
  const panel = await open(await twoLayers());
  const { vm } = panel.window;
  await panel.pair(companion.pairingCode());
  await panel.tab("Stylize").click();
  await panel.paintAndInsert(64);
  const [first] = await vm.selection();
  await panel.button("Change settings").click();
  await panel.button("Restyle").click();
  await panel.moving();
  await panel.screenshot("restyle");
  await panel.useNow();
  await panel.button("Insert above original").click();
  await panel.text("Inserted").waitFor();
  const [second] = await vm.selection();
  expect(second).not.toBe(first);
  await checkResult(panel.window, "Harbor", second as string);
});

test("a run is cancelled, another one starts at once", async () => {
  companion = await startCompanion();
  const panel = await open({ ...(await twoLayers()), theme: "dark" });
  await panel.pair(companion.pairingCode());
  await panel.tab("Stylize").click();
  await panel.screenshot("ready-dark");
  await panel.button("Stylize").click();
  await panel.moving();
  await panel.button("Cancel").click();
  await panel.button("Stylize").waitFor();
  await panel.choose("Draft");
  await panel.button("Stylize").click();
  await panel.moving();
  await panel.screenshot("running-dark");
  await panel.window.panel.locator("body").press("Escape");
  await panel.button("Stylize").waitFor();
  expect(await panel.window.vm.notes()).toEqual([]);
});
