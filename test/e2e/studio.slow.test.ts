// What a first visitor of the studio comes to: the samples, one click, nothing else touched. Its picture,
// test/artifacts/studio.jpg, is the README's (ui/studio.jpg).

import { afterAll, beforeAll, expect, test } from "vitest";
import { takePicture } from "../setup/picture.ts";
import { type OpenStudio, openStudio } from "./studio-page.ts";

let studio: OpenStudio;
beforeAll(async () => {
  studio = await openStudio();
});
afterAll(() => studio?.close());

test("one click paints the samples at their size, and the result stands among them", async () => {
  const { page, problems } = studio;
  await page.getByRole("img", { name: "Preview", exact: true }).waitFor({ timeout: 90_000 });
  await page.getByRole("button", { name: "Stylize", exact: true }).click();
  await page.getByRole("button", { name: "Insert above original" }).click({ timeout: 600_000 });
  await page.getByText("Added to the canvas").waitFor();
  await takePicture(page, "studio.jpg", { type: "jpeg", quality: 88 });
  await page.getByText(/^512 × 384 px/).waitFor();
  expect(problems).toEqual([]);
});
