// The panel paints in Photopea by itself, with software rendering.

import { expect, test } from "vitest";
import { openPhotopea } from "./photopea-panel.ts";

test("the panel inside Photopea paints the selected layers and puts the result above its content", async () => {
  const photopea = await openPhotopea();
  const { panel } = photopea;
  await panel.getByRole("button", { name: "Stylize", exact: true }).click();
  await panel.getByRole("button", { name: "Use this one now" }).click({ timeout: 180_000 });
  await panel.getByRole("button", { name: /Insert/ }).waitFor();
  await photopea.screenshot("done");
  await photopea.insertAndCheck();
  expect(photopea.problems).toEqual([]);
  await photopea.browser.close();
});
