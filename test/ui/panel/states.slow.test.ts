// A picture for people of every state of the panel, light and dark: test/artifacts/panel/NAME.THEME.jpg.

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { expect, test } from "vitest";
import { launchBrowser } from "../../setup/browser.ts";
import { SCENARIO_NAMES } from "./scenario-names.ts";
import { THEMES, tourStates, WIDTH } from "./state-tour.ts";

const ARTIFACTS = new URL("../../artifacts/panel/", import.meta.url);
const PIXEL_RATIO = 2;

test("every state has its picture, as wide as the panel and as tall as it is then", async () => {
  mkdirSync(ARTIFACTS, { recursive: true });
  const browser = await launchBrowser();
  let made = 0;
  try {
    await tourStates(
      browser,
      async ({ page, name, theme }) => {
        const height = await page.evaluate(() => (document.querySelector(".app") as HTMLElement).offsetHeight);
        const path = fileURLToPath(new URL(`${name}.${theme}.jpg`, ARTIFACTS));
        const clip = { x: 0, y: 0, width: WIDTH, height };
        await page.screenshot({ path, type: "jpeg", quality: 90, clip, animations: "disabled" });
        const picture = await sharp(path).metadata();
        expect([picture.width, picture.height]).toEqual([PIXEL_RATIO * WIDTH, PIXEL_RATIO * height]);
        made += 1;
      },
      { pixelRatio: PIXEL_RATIO },
    );
  } finally {
    await browser.close();
  }
  expect(made).toBe(SCENARIO_NAMES.length * THEMES.length);
});
