// Photopea from end to end, but for the painting, which takes software rendering a minute (photopea.slow.test.ts): at
// strength 0 the content comes back as it is, and lands above itself.

import { existsSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { photopeaLink } from "../../companion/protocol/photopea.ts";
import { type OpenPhotopea, openPhotopea, PANEL, PHOTOPEA } from "./photopea-panel.ts";

describe("the panel inside Photopea", () => {
  let photopea: OpenPhotopea | null = null;
  afterEach(() => photopea?.browser.close());

  test("is opened by an address that carries its own configuration", () => {
    const [address, configuration] = photopeaLink(PANEL).split("#") as [string, string];
    expect(`${address}/`).toBe(PHOTOPEA);
    const [plugin] = JSON.parse(decodeURIComponent(configuration)).environment.plugins;
    expect(plugin).toMatchObject({ name: "Impasto", url: PANEL });
    expect(existsSync(new URL("../../dist/photopea.html", import.meta.url))).toBe(true);
  });

  test("reads the selected layers, and puts the result above its content", async () => {
    photopea = await openPhotopea();
    const { panel } = photopea;
    await photopea.screenshot("ready");
    await panel.getByRole("slider", { name: "Strength" }).press("Home");
    await panel.getByRole("button", { name: "Stylize", exact: true }).click();
    await panel.getByRole("button", { name: /Insert/ }).waitFor();
    await photopea.insertAndCheck();
  }, 240_000);
});
