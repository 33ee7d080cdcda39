// How the panel behaves under real keys and pointers in Chromium: the keyboard alone is enough, nothing jumps, and the
// picture moves with the slider.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SHORTCUTS } from "../../../ui/shortcuts.ts";
import type { LinkState } from "../../../ui/state/link.ts";
import type { Panel } from "../../../ui/state/panel.ts";
import { launchBrowser } from "../../setup/browser.ts";
import { bundlePage, openPage } from "./bundle.ts";
import type { FakeEngine } from "./fake-engine.ts";
import type { FakeHost } from "./fake-host.ts";
import type { ScenarioName } from "./scenario-names.ts";

interface PanelWindow {
  showScenario(name: ScenarioName): Promise<void>;
  closePanel(): void;
  openPanel(state: LinkState): { host: FakeHost };
  bench: { panel: Panel; host: FakeHost; engine: FakeEngine };
  /** What moved without being touched. */
  shifts: string[];
}

let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  browser = await launchBrowser();
  ({ page, complaints } = await openPage(browser, await bundlePage(new URL("page.tsx", import.meta.url)), {
    theme: "light",
  }));
  await page.evaluate(() => {
    interface LayoutShift extends PerformanceEntry {
      value: number;
      sources: { node: Node | null }[];
    }
    const shifts: string[] = [];
    Object.assign(window, { shifts });
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as LayoutShift[]) {
        // A centered or right-aligned text that changes begins elsewhere; its box stays.
        const boxes = entry.sources.filter(({ node }) => node instanceof Element);
        for (const { node } of boxes) shifts.push(`${node?.parentElement?.outerHTML ?? node?.nodeName} ${entry.value}`);
      }
    });
    observer.observe({ type: "layout-shift", buffered: false });
  });
});
afterAll(() => browser?.close());
beforeEach(() => {
  complaints.length = 0;
});

const SOON = { timeout: 15_000 };

const show = (name: ScenarioName) => page.evaluate((n) => (window as unknown as PanelWindow).showScenario(n), name);
const calls = () => page.evaluate(() => (window as unknown as PanelWindow).bench.host.calls.map(({ name }) => name));
const runs = () => page.evaluate(() => (window as unknown as PanelWindow).bench.engine.runs.length);
const runCalls = () => page.evaluate(() => (window as unknown as PanelWindow).bench.engine.runs[0]?.calls ?? []);
const batchCalls = () => page.evaluate(() => (window as unknown as PanelWindow).bench.engine.batches[0]?.calls ?? []);

/** What Tab reaches, in order, by accessible name. */
async function walk(): Promise<string[]> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const names: string[] = [];
  for (let steps = 0; steps < 40; steps++) {
    await page.keyboard.press("Tab");
    const name = await page.evaluate(() => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement) || element === document.body) return null;
      const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : null;
      return element.getAttribute("aria-label") ?? label ?? element.textContent;
    });
    if (name === null) break;
    names.push(name);
  }
  return names;
}

/** Clicks, and says what has the focus in the very moment in which the other element is in the page. */
function focusWhenShown(clicked: string, shown: string): Promise<string> {
  return page.evaluate(
    ([from, to]) =>
      new Promise<string>((resolve) => {
        const observer = new MutationObserver(() => {
          if (document.querySelector(to) === null) return;
          observer.disconnect();
          const focused = document.activeElement as HTMLElement;
          const kind = [focused.tagName.toLowerCase(), ...focused.classList].join(".");
          resolve(focused.closest(to) === null ? kind : `${to} ${kind}`);
        });
        observer.observe(document.body, { childList: true, subtree: true });
        document.querySelector<HTMLElement>(from)?.click();
      }),
    [clicked, shown] as const,
  );
}

describe("the keyboard", () => {
  test("opens the variations, goes through them, takes one with Enter and leaves with Esc", async () => {
    await show("explore-done");
    const strength = () => page.evaluate(() => (window as unknown as PanelWindow).bench.panel.settings.value.strength);
    await page.getByRole("radio", { name: "Strength 50, strokes 1×" }).focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    expect(await strength()).toBe(75);
    await page.getByRole("button", { name: "Explore" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "Explore" }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.closest(".page") !== null)).toBe(true);
    // What was painted before lies over them, and leads back to them.
    await page.keyboard.press("h");
    await page.getByRole("region", { name: "History" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("region", { name: "Explore" }).waitFor();
    await page.keyboard.press("Escape");
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label")), SOON)
      .toBe("Explore");
  });

  test("opens what was painted before, goes through it, takes settings with Enter and leaves with Esc", async () => {
    await show("history");
    await page.keyboard.press("Tab");
    await page.keyboard.press(" ");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.getByRole("slider", { name: /^Compare: Newest/ }).waitFor();
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => (window as unknown as PanelWindow).bench.panel.settings.value.strength)).toBe(70);
    await page.getByRole("button", { name: "History" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "History" }).waitFor();
    await page.keyboard.press("Escape");
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label")), SOON)
      .toBe("History");
  });

  test("letters press the buttons that show them, in what lies on top, and are letters in a field", async () => {
    await show("idle-pair");
    const region = (name: string) => page.getByRole("region", { name });
    expect(await page.getByRole("button", { name: "Explore" }).getAttribute("title")).toBe("Explore (E)");
    await page.keyboard.press("e");
    await region("Explore").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("s");
    await page.getByRole("dialog", { name: "Pick a style" }).waitFor();
    // Under the sheet.
    await page.keyboard.press("e");
    await page.keyboard.press("y");
    await region("Your styles").waitFor();
    await page.keyboard.press("Escape");
    await page.getByLabel("Size").focus();
    await page.keyboard.press("h");
    expect(await region("History").count()).toBe(0);
    await page.getByLabel("Strength").focus();
    await page.keyboard.press("h");
    await region("History").waitFor();
    await show("running");
    await page.keyboard.press("p");
    expect(await runCalls()).toEqual(["pause"]);
  });

  test("letters press the buttons of the Batch tab, of Settings and of the styles that one keeps", async () => {
    await show("batch-running");
    await page.keyboard.press("p");
    await page.keyboard.press("q");
    expect(await batchCalls()).toEqual(["pause", "cancel"]);
    await show("batch-listed");
    // Folded away.
    await page.keyboard.press("a");
    expect(await page.getByText("Reading frames").count()).toBe(0);
    await page.keyboard.press("c");
    await page.getByRole("button", { name: "Stylize", exact: true }).waitFor();
    await show("settings-ready");
    await page.keyboard.press("v");
    await page.getByRole("button", { name: "Copy report" }).waitFor();
    await show("idle-pair");
    for (const key of ["s", "y", "k"]) await page.keyboard.press(key);
    await page.getByRole("button", { name: "Use “The Starry Night”" }).waitFor();
  });

  test("up and down lead from row to row, to the same button of each that has one", async () => {
    await show("batch-listed");
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
    await page.getByRole("button", { name: "Remove Onboarding / 2" }).focus();
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toBe("Remove Onboarding / 3");
    for (const _ of [1, 2, 3]) await page.keyboard.press("ArrowUp");
    expect(await focused()).toBe("Remove Onboarding / 1");
    await show("shelf");
    await page.getByRole("button", { name: "Save “The Shipwreck” as a file" }).focus();
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toBe("Save “The Scream” as a file");
  });

  test("? lists every key, each of its own, and Esc leaves the list", async () => {
    await show("idle-pair");
    await page.keyboard.press("?");
    const keys = page.getByRole("region", { name: "Keyboard" });
    await keys.waitFor();
    const listed = await keys.locator("kbd").allTextContents();
    for (const { key } of Object.values(SHORTCUTS)) expect(listed.filter((one) => one === key)).toEqual([key]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Stylize" }).waitFor();
  });

  test("reaches everything before a run, in reading order", async () => {
    await show("idle-pair");
    expect(await walk()).toEqual([
      "Stylize",
      "History",
      "Keyboard",
      "Swap content and style",
      "Pick a style",
      "Explore",
      "Live preview",
      "Strength",
      "From style",
      "Standard",
      "Size",
      "Strokes",
      "More settings",
      "Stylize",
    ]);
  });

  test("Enter starts a run from anywhere, and takes the best picture from within it", async () => {
    await show("idle-pair");
    await page.getByLabel("Strength").focus();
    await page.keyboard.press("Enter");
    await expect.poll(runs, SOON).toBe(1);
    await show("running");
    await page.getByLabel("Strength").focus();
    await page.keyboard.press("Enter");
    expect(await runCalls()).toEqual(["stop"]);
  });

  test("Esc cancels a run, and closes the panel when nothing runs", async () => {
    await show("running");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Stylize" }).waitFor();
    expect(await calls()).not.toContain("close");
    await page.keyboard.press("Escape");
    expect(await calls()).toContain("close");
  });

  test("Cmd or Ctrl+Z undoes in the host, but not inside a field", async () => {
    await show("inserted");
    await page.getByRole("slider", { name: /Compare/ }).focus();
    await page.keyboard.press("Control+z");
    await expect.poll(calls, SOON).toContain("undo");
    await show("idle-pair");
    await page.getByLabel("Size").focus();
    await page.keyboard.press("Control+z");
    expect(await calls()).not.toContain("undo");
  });

  test("arrow keys move between tabs, sliders and choices", async () => {
    await show("idle-pair");
    await page.getByRole("tab", { name: "Stylize" }).focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("tab", { name: "Batch" }).getAttribute("aria-selected")).toBe("true");
    await page.keyboard.press("ArrowLeft");
    await page.getByRole("radio", { name: "Standard" }).focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("radio", { name: "Fine" }).isChecked()).toBe(true);
    await page.getByLabel("Strength").focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.getByLabel("Strength").inputValue()).toBe("51");
  });

  test("what is being typed into a field stays while the panel learns something new", async () => {
    await show("idle-pair");
    const field = page.getByLabel("Size");
    await field.fill("128");
    await page.evaluate(() => {
      const { panel } = (window as unknown as PanelWindow).bench;
      panel.plan.value = null;
    });
    await page.waitForFunction(() => !document.getElementById("cost")?.textContent?.includes("px"));
    expect(await field.inputValue()).toBe("128");
    await field.press("Tab");
    expect(await page.evaluate(() => (window as unknown as PanelWindow).bench.panel.settings.value.size)).toBe(128);
    await page.evaluate(() => (window as unknown as PanelWindow).bench.panel.setSetting("size", 256));
    await expect.poll(() => field.inputValue(), SOON).toBe("256");
  });

  test("what a person should know of a result stands beside it", async () => {
    await show("done-web");
    await page.getByText("Neckarfront has 3 frames or pages; the first was taken.").waitFor();
  });

  test("the comparison moves with the arrow keys", async () => {
    await show("done");
    const slider = page.getByRole("slider", { name: /Compare/ });
    await slider.focus();
    for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowLeft");
    expect(await slider.inputValue()).toBe("45");
    expect(
      await page.locator(".compare").evaluate((element) => getComputedStyle(element).getPropertyValue("--at")),
    ).toBe("45%");
  });

  test("Esc in the style sheet closes the sheet alone and gives the focus back", async () => {
    await show("idle-pair");
    await page.getByRole("button", { name: "Pick a style" }).click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await calls()).not.toContain("close");
    expect(await page.evaluate(() => document.activeElement?.className)).toBe("tile-action");
  });

  test("Esc right after the click that opens the style sheet closes the sheet, wherever the focus stands", async () => {
    await show("idle-pair");
    await page.evaluate(() => {
      const button = document.querySelector<HTMLButtonElement>(".tile-action");
      button?.click();
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
    });
    expect(await page.getByRole("dialog").count()).toBe(0);
    expect(await calls()).not.toContain("close");
    await page.getByRole("button", { name: "Pick a style" }).click();
    await page.getByRole("dialog").waitFor();
    await page.getByLabel("Strength").focus();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await calls()).not.toContain("close");
  });

  test("what takes the focus has it as soon as it is there", async () => {
    await show("idle-pair");
    expect(await focusWhenShown(".tile-action", ".sheet")).toBe(".sheet button.icon-button");
    await show("link-unpaired");
    expect(await focusWhenShown("#tab-settings", ".pairing")).toBe(".pairing input");
  });

  test("the keys work as soon as the panel is there", async () => {
    const closed = await page.evaluate(() => {
      const { closePanel, openPanel } = window as unknown as PanelWindow;
      closePanel();
      const { host } = openPanel({ kind: "ready" });
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
      return host.calls.some(({ name }) => name === "close");
    });
    expect(closed).toBe(true);
  });

  test("every focused control shows it", async () => {
    await show("idle-pair");
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    for (let steps = 0; steps < 9; steps++) {
      const before = await page.screenshot();
      await page.keyboard.press("Tab");
      expect((await page.screenshot()).equals(before)).toBe(false);
    }
  });
});

describe("steadiness", () => {
  test("nothing shifts through a whole run: start, progress, previews, end, insertion", async () => {
    await show("idle-pair");
    await page.evaluate(() => ((window as unknown as PanelWindow).shifts.length = 0));
    await page.evaluate(async () => {
      const { bench } = window as unknown as PanelWindow & {
        bench: { panel: { run: { start(): Promise<void>; insert(): Promise<void> } } };
      };
      const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
      void bench.panel.run.start();
      await wait(150);
      const [run] = bench.engine.runs;
      if (run === undefined) throw new Error("no run");
      for (let at = 1; at < 40; at++) {
        const losses = { content: 1, style: 40 / at, tv: 0, total: 40 / at, contentLayers: {}, styleLayers: {} };
        run.listeners.onProgress?.({
          phase: "optimize",
          fraction: at / 40,
          scale: 256,
          scaleIndex: at > 20 ? 1 : 0,
          scaleCount: 2,
          width: 256,
          height: 192,
          iteration: at,
          iterations: 20,
          totalIteration: at,
          totalIterations: 40,
          losses,
          secondsElapsed: at,
          secondsLeft: 4000 / at,
          device: "webgpu",
        });
        if (at % 10 === 0) {
          const canvas = new OffscreenCanvas(256, 192);
          canvas.getContext("2d")?.fillRect(0, 0, at, at);
          run.listeners.onPreview?.(canvas.transferToImageBitmap());
        }
        await wait(10);
      }
      run.listeners.onState?.("paused");
      await wait(50);
      const blob = await new OffscreenCanvas(256, 192).convertToBlob().catch(() => null);
      const bytes = blob ? new Uint8Array(await blob.arrayBuffer()) : bench.host.layers[0]?.picture.bytes;
      run.finish({
        bytes: bytes as Uint8Array,
        width: 256,
        height: 192,
        iterations: 40,
        seconds: 4,
        device: "Apple M2",
        stopped: false,
      });
      await wait(150);
      await bench.panel.run.insert();
      await wait(150);
    });
    expect(await page.evaluate(() => (window as unknown as PanelWindow).shifts)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("the host hears each new height once", async () => {
    await show("idle-pair");
    const heights = await page.evaluate(() =>
      (window as unknown as PanelWindow).bench.host.calls
        .filter(({ name }) => name === "resize")
        .map(({ value }) => value),
    );
    expect(new Set(heights).size).toBe(heights.length);
  });
});
