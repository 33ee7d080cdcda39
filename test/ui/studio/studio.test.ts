// The studio as `npm start` serves it: the built page under the server's own content policy, with the real companion
// behind it (and the fake engine in its child).

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser, SWIFTSHADER } from "../../setup/browser.ts";
import { takePicture } from "../../setup/picture.ts";
import { type RealCompanion, startCompanion } from "../companion/real-companion.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SAMPLES = new URL("../../../ui/hosts/web/samples/", import.meta.url);

let browser: Browser;
let context: BrowserContext;
let companion: RealCompanion;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  companion = await startCompanion();
  browser = await launchBrowser(SWIFTSHADER);
  context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    colorScheme: "light",
    acceptDownloads: true,
  });
  page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(await companion.ask("page-address"));
  await page.getByText("Companion on Fake processor").waitFor({ timeout: 30_000 });
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await companion?.end();
});

const layers = () => page.locator(".layer-card:not(.in-work)").count();
const SOON = { timeout: 20_000 };

/** By id of the rule and the place. */
async function violations(): Promise<string[]> {
  // The page's own policy forbids added scripts, and evaluate is not bound by it.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }> };
    };
    return (await axe.run()).violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} ${target}`));
  });
}

describe("the studio", () => {
  test("opens with two samples selected, paired by its ticket, which leaves the address", async () => {
    expect(await layers()).toBe(2);
    expect(page.url()).toBe(`${companion.base}/`);
    await page.getByRole("button", { name: "Stylize", exact: true }).waitFor();
    await takePicture(page, "studio/open.light.png");
    expect(await violations()).toEqual([]);
  });

  test("shows a live preview without a click, and another after strength has moved", async () => {
    await page.getByRole("img", { name: "Preview", exact: true }).waitFor({ timeout: 40_000 });
    await takePicture(page, "studio/live.light.png");
    expect(await violations()).toEqual([]);
    const strengths: unknown[] = [];
    page.on("request", (request) => {
      if (request.url().endsWith("/v1/live")) strengths.push(request.postDataJSON().settings.strength);
    });
    await page.getByLabel("Strength").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => strengths, SOON).toContain(49);
    await page.getByRole("img", { name: "Preview", exact: true }).waitFor(SOON);
    await page.getByLabel("Strength").fill("50");
  });

  test("stylizes, compares, inserts, undoes", async () => {
    await page.getByRole("radio", { name: "Draft" }).check();
    await page.getByRole("button", { name: "Stylize", exact: true }).click();
    await page.getByRole("button", { name: "Insert above original" }).waitFor({ timeout: 40_000 });
    await page.getByRole("slider", { name: /Compare/ }).waitFor();
    // Beside its content, and no picture of the document yet.
    const inWork = page.locator(".layer-card:first-child + .in-work");
    await inWork.getByRole("img", { name: "Not inserted yet: Neckarfront / The Starry Night" }).waitFor(SOON);
    expect(await layers()).toBe(2);
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      await takePicture(page, `studio/in-work.${colorScheme}.png`);
      expect(await violations()).toEqual([]);
    }
    await page.getByRole("button", { name: "Insert above original" }).click();
    await expect.poll(layers, SOON).toBe(3);
    expect(await inWork.count()).toBe(0);
    await takePicture(page, "studio/inserted.light.png");
    expect(await violations()).toEqual([]);
    await page.getByRole("button", { name: "Undo", exact: true }).click();
    await expect.poll(layers, SOON).toBe(2);
  });

  test("saves the result as a PNG, and several pictures as one ZIP", async () => {
    const download = page.waitForEvent("download");
    await page.locator(".stylize").getByRole("button", { name: "Download" }).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toBe("Neckarfront – The Starry Night.png");
    expect([...readFileSync(await saved.path()).subarray(1, 4)]).toEqual([...Buffer.from("PNG")]);
    const both = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download 2" }).click();
    const archive = readFileSync(await (await both).path());
    expect(archive.subarray(0, 4).toString("latin1")).toBe("PK\x03\x04");
  });

  test("takes dropped and pasted pictures, and says what is none", async () => {
    await page.getByRole("button", { name: "Change settings" }).click();
    const bytes = [...readFileSync(new URL("the-scream.jpg", SAMPLES))];
    for (const kind of ["drop", "paste"] as const) {
      const before = await layers();
      await page.evaluate(
        ({ bytes, kind }) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], "The Scream.jpg", { type: "image/jpeg" }));
          const target = kind === "drop" ? document.querySelector(".canvas") : document;
          const event =
            kind === "drop"
              ? new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true })
              : new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true });
          target?.dispatchEvent(event);
        },
        { bytes, kind },
      );
      await expect.poll(layers, SOON).toBe(before + 1);
    }
    const others: [string, string, string][] = [
      ["notes.txt", "hello", "“notes.txt” is text, not a picture"],
      ["Poster.psd", "8BPS\0\x01\0\0", "“Poster.psd” is a Photoshop file, which is not read here."],
    ];
    for (const [name, text, words] of others) {
      await page.evaluate(
        ({ name, text }) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([text], name));
          document
            .querySelector(".canvas")
            ?.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
        },
        { name, text },
      );
      await page.getByText(words).waitFor();
    }
  });

  test("takes a dropped folder's pictures by their names, and no hidden files", async () => {
    const folder = mkdtempSync(join(tmpdir(), "impasto-test-"));
    mkdirSync(join(folder, "inner"));
    for (const name of ["frame 10.jpg", "frame 2.jpg", "inner/last.jpg"]) {
      copyFileSync(new URL("the-scream.jpg", SAMPLES), join(folder, name));
    }
    writeFileSync(join(folder, ".DS_Store"), "hidden");
    const before = await layers();
    const { x = 0, y = 0 } = (await page.locator(".canvas").boundingBox()) ?? {};
    const devtools = await page.context().newCDPSession(page);
    const data = { items: [], files: [folder], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"] as const) {
      await devtools.send("Input.dispatchDragEvent", { type, x: x + 20, y: y + 100, data });
    }
    await expect.poll(layers, SOON).toBe(before + 3);
    const names = await page.locator(".layer-card .layer-name").allTextContents();
    expect(names.slice(-3)).toEqual(["frame 2", "frame 10", "last"]);
    expect(await page.getByText("DS_Store").count()).toBe(0);
  });

  test("selects with a click and a second picture with shift, and the panel follows", async () => {
    await page.locator(".layer-card button").nth(0).click();
    await page
      .locator(".layer-card button", { hasText: /^The Scream$/ })
      .first()
      .click({ modifiers: ["Shift"] });
    const names = () => page.locator(".line-name, .line-style").allTextContents();
    await expect.poll(names, SOON).toEqual(["Neckarfront", "The Scream"]);
    await page.getByRole("button", { name: "Swap content and style" }).click();
    await expect.poll(names, SOON).toEqual(["The Scream", "Neckarfront"]);
  });

  test("goes from picture to picture by the arrows, selects all, removes, undoes and redoes", async () => {
    const chosen = () => page.locator('.layer-card button[aria-pressed="true"] .layer-name').allTextContents();
    await page.locator(".layer-card button").nth(0).click();
    await page.keyboard.press("ArrowRight");
    await expect.poll(chosen, SOON).toEqual(["The Starry Night"]);
    await page.keyboard.press("Shift+ArrowLeft");
    await expect.poll(chosen, SOON).toEqual(["Neckarfront", "The Starry Night"]);
    const before = await layers();
    await page.keyboard.press("Control+a");
    await expect.poll(async () => (await chosen()).length, SOON).toBe(before);
    await page.locator(".layer-card button").nth(1).click();
    await page.keyboard.press("Delete");
    await expect.poll(layers, SOON).toBe(before - 1);
    await page.keyboard.press("Control+z");
    await expect.poll(layers, SOON).toBe(before);
    await page.keyboard.press("Control+Shift+z");
    await expect.poll(layers, SOON).toBe(before - 1);
    await page.keyboard.press("Control+z");
    await expect.poll(layers, SOON).toBe(before);
  });

  test("looks closer in the whole window, pixel for pixel and dragged about", async () => {
    await page.locator(".layer-card button").nth(0).click();
    await page.keyboard.press("Space");
    const viewer = page.getByRole("dialog", { name: "Neckarfront" });
    await viewer.waitFor(SOON);
    await expect
      .poll(() => viewer.locator("canvas").evaluate((canvas: HTMLCanvasElement) => canvas.width), SOON)
      .toBe(1024);
    await takePicture(page, "studio/closer.light.png");
    expect(await violations()).toEqual([]);
    await page.keyboard.press("ArrowRight");
    await page.getByRole("dialog", { name: "The Starry Night" }).waitFor(SOON);
    await page.keyboard.press("ArrowLeft");
    await page.setViewportSize({ width: 900, height: 500 });
    await page.getByRole("button", { name: "100 %" }).click();
    const scrolled = () =>
      viewer.locator(".viewer-stage").evaluate(({ scrollLeft, scrollTop }) => [scrollLeft, scrollTop]);
    const start = await scrolled();
    await page.mouse.move(600, 300);
    await page.mouse.down();
    await page.mouse.move(560, 240);
    await page.mouse.up();
    await expect.poll(scrolled, SOON).toEqual([(start[0] ?? 0) + 40, (start[1] ?? 0) + 60]);
    await takePicture(page, "studio/pixels.light.png");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.keyboard.press("Escape");
    await viewer.waitFor({ state: "hidden" });
  });

  test("looks at several side by side, and moves them together", async () => {
    await page.locator(".layer-card button").nth(0).click();
    await page
      .locator(".layer-card button")
      .nth(1)
      .click({ modifiers: ["Shift"] });
    await page.keyboard.press("Space");
    const viewer = page.getByRole("dialog", { name: "2 side by side" });
    await viewer.waitFor(SOON);
    expect(await viewer.locator("figcaption").allTextContents()).toEqual(["Neckarfront", "The Starry Night"]);
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      await takePicture(page, `studio/beside.${colorScheme}.png`);
      expect(await violations()).toEqual([]);
    }
    await page.keyboard.press("1");
    const shares = () =>
      viewer
        .locator(".viewer-stage")
        .evaluateAll((stages) =>
          stages.map(({ scrollLeft, scrollWidth, clientWidth }) => scrollLeft / (scrollWidth - clientWidth)),
        );
    for (let presses = 0; presses < 2; presses++) await page.keyboard.press("ArrowRight");
    await expect.poll(async () => (await shares())[0], SOON).toBeGreaterThan(0.2);
    await expect
      .poll(async () => Math.abs(((await shares())[0] ?? 0) - ((await shares())[1] ?? 1)), SOON)
      .toBeLessThan(0.02);
    await page.keyboard.press("Escape");
    await viewer.waitFor({ state: "hidden" });
  });

  test("gives a picture a role under the right mouse button", async () => {
    await page.locator(".layer-card button").nth(0).click();
    const scream = page.locator(".layer-card button", { hasText: /^The Scream$/ }).first();
    await scream.click({ button: "right" });
    const menu = page.getByRole("menu");
    await menu.waitFor(SOON);
    await takePicture(page, "studio/menu.light.png");
    expect(await violations()).toEqual([]);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const names = () => page.locator(".line-name, .line-style").allTextContents();
    await expect.poll(names, SOON).toEqual(["Neckarfront", "The Scream"]);
    await scream.click({ button: "right" });
    await page.getByRole("menuitem", { name: "Use as content" }).click();
    await expect.poll(async () => (await names())[0], SOON).toBe("The Scream");
  });

  test("takes a dropped style among the kept ones, not onto the canvas", async () => {
    const before = await layers();
    const bytes = [...readFileSync(new URL("shipwreck.jpg", SAMPLES))];
    await page.evaluate((all) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(all)], "Storm.impasto-style"));
      document
        .querySelector(".canvas")
        ?.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
    }, bytes);
    await page.getByText("“Storm” is among your styles.").waitFor(SOON);
    await expect.poll(() => page.locator(".line-style").textContent(), SOON).toBe("Storm");
    expect(await layers()).toBe(before);
  });

  test("draws of many pictures those near the view, and the others when they come there", async () => {
    const buffer = await sharp({ create: { width: 40, height: 30, channels: 3, background: "#c43" } })
      .png()
      .toBuffer();
    const before = await layers();
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Add pictures…" }).click();
    const many = Array.from({ length: 60 }, (_, at) => ({ name: `Many ${at}.png`, mimeType: "image/png", buffer }));
    await (await chooser).setFiles(many);
    await expect.poll(layers, SOON).toBe(before + 60);
    const drawn = () => page.locator(".layer-card canvas").count();
    const last = page.locator(".layer-card").last();
    await last.scrollIntoViewIfNeeded();
    await last.locator("canvas").waitFor(SOON);
    await expect.poll(drawn, SOON).toBeLessThan(30);
    await page.keyboard.press("ControlOrMeta+z");
    await expect.poll(layers, SOON).toBe(before);
  });

  test("runs a batch over picked pictures and puts the results on the canvas", async () => {
    await page.getByRole("tab", { name: "Batch" }).click();
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Choose pictures…" }).click();
    const files = ["tubingen", "shipwreck", "the-scream"].map((name) => new URL(`${name}.jpg`, SAMPLES).pathname);
    await (await chooser).setFiles(files);
    await page.getByRole("button", { name: "Apply to 3 frames" }).click({ timeout: 20_000 });
    await page.getByText("3 of 3 done").waitFor({ timeout: 60_000 });
    const before = await layers();
    await takePicture(page, "studio/batch.light.png");
    await page.getByRole("button", { name: "Add 3 results" }).click();
    await expect.poll(layers, SOON).toBe(before + 3);
  });

  test("keeps variations that went onto the canvas among what was painted, also when it is opened anew", async () => {
    await page.getByRole("tab", { name: "Stylize" }).click();
    await page.locator(".layer-card").first().click();
    await page.getByRole("button", { name: "Explore" }).click();
    const before = await layers();
    await page.getByText("9 variations").waitFor({ timeout: 60_000 });
    await page.getByRole("button", { name: "Insert all" }).click();
    await expect.poll(layers, SOON).toBe(before + 1);
    // The newest: nine together, in view without a click.
    const cell = page.locator(".history-list .cell", { hasText: "9 · " });
    const lookBack = async () => {
      await page.getByRole("button", { name: "History" }).click();
      await cell.locator("canvas").waitFor(SOON);
    };
    await lookBack();
    await page.reload();
    await page.getByText("Companion on Fake processor").waitFor(SOON);
    await lookBack();
    expect(await cell.getByRole("radio").isChecked()).toBe(true);
    await page.locator(".picture-stage canvas").waitFor(SOON);
    await takePicture(page, "studio/history.light.png");
    expect(await violations()).toEqual([]);
    await page.getByRole("button", { name: "Close" }).click();
  });

  test("shows a code for another panel", async () => {
    await page.getByRole("tab", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Connect a panel" }).click();
    expect(await page.locator(".pairing-shown").textContent()).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    await page.emulateMedia({ colorScheme: "dark" });
    await takePicture(page, "studio/settings.dark.png");
    expect(await violations()).toEqual([]);
  });

  test("left nothing on the console", () => {
    expect(complaints).toEqual([]);
  });
});
