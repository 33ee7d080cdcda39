// The studio from end to end: the sample pictures painted by the real companion, the result on the canvas; networks and
// files that others made.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { negative } from "../companion/models/write-onnx.ts";
import { makeTiff } from "../companion/pictures/kinds/make-tiff.ts";
import { takePicture } from "../setup/picture.ts";
import { type OpenStudio, openStudio } from "./studio-page.ts";

describe("the studio with the companion", () => {
  let studio: OpenStudio;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    studio = await openStudio();
    ({ page, problems } = studio);
  }, 180_000);
  afterAll(() => studio?.close());

  test("paints the samples and puts the result on the canvas", async () => {
    const stylize = page.getByRole("button", { name: "Stylize", exact: true });
    expect(new URL(page.url()).hash).toBe("");
    await page.getByRole("radio", { name: "Draft" }).click({ force: true });
    await page.getByLabel("Size").fill("128");
    await page.getByLabel("Size").press("Tab");
    await page.getByText(/^128 × \d+ px, about/).waitFor({ timeout: 90_000 });
    await page.getByRole("img", { name: "Preview", exact: true }).waitFor({ timeout: 90_000 });
    await takePicture(page, "studio-ready.png");
    await stylize.click();
    const insert = page.getByRole("button", { name: "Insert above original" });
    await insert.waitFor({ timeout: 120_000 });
    await takePicture(page, "studio-done.png");
    await insert.click();
    await page.getByText("Added to the canvas").waitFor({ timeout: 10_000 });
    await takePicture(page, "studio-inserted.png");
    // Browsers read no TIFF; the companion does.
    const sheet = {
      width: 48,
      height: 40,
      strip: new Uint8Array(48 * 40 * 3).fill(99),
      bits: [8, 8, 8],
      photometric: 2,
    };
    const tiff = makeTiff([sheet, sheet]);
    await dropFile(page, ".canvas", "Old scan.tif", tiff);
    await page
      .getByRole("button", { name: "Old scan" })
      .or(page.getByText("Old scan"))
      .first()
      .waitFor({ timeout: 30_000 });
    await page.getByText("“Old scan.tif” has 2 frames or pages; the first was taken.").waitFor({ timeout: 5_000 });
    expect(problems).toEqual([]);
  }, 300_000);

  test("takes a network of somebody else as a style: dropped, looked at, painted with, removed", async () => {
    await page.getByRole("button", { name: "Change settings" }).click();
    await dropFile(page, ".studio-panel .app", "Negative.onnx", negative(255));
    await page.getByText("“negative” is in. Does this look right?").waitFor({ timeout: 60_000 });
    await takePicture(page, "studio-model.png");
    await page.getByRole("button", { name: "Use it" }).click();
    await page.getByRole("button", { name: "Stylize", exact: true }).click();
    await page.getByRole("button", { name: "Insert above original" }).waitFor({ timeout: 60_000 });
    await takePicture(page, "studio-model-done.png");
    await page.getByRole("button", { name: "Change settings" }).click();
    await page.keyboard.press("s");
    await page.keyboard.press("m");
    await page.getByRole("button", { name: "Remove the model “negative”" }).click();
    await expect.poll(() => page.getByRole("button", { name: /the model/ }).count()).toBe(0);
    await dropFile(page, ".canvas", "candy.pth", Buffer.from("\x80\x02a pickle", "latin1"));
    await page.getByText("candy.pth is a pickle: opening it could run any program, so it is not read.").waitFor();
    expect(problems).toEqual([]);
  }, 120_000);
});

/** As from the person's desktop. */
async function dropFile(page: Page, target: string, name: string, content: Uint8Array): Promise<void> {
  const base64 = Buffer.from(content).toString("base64");
  await page.evaluate(
    ([where = "", called = "", encoded = ""]) => {
      const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], called));
      const drop = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
      document.querySelector(where)?.dispatchEvent(drop);
    },
    [target, name, base64],
  );
}
