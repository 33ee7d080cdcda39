// Goes through every state of the panel, light and dark, in Chromium.

import type { Browser, Page } from "playwright-core";
import { bundlePage, openPage } from "./bundle.ts";
import { SCENARIO_NAMES, type ScenarioName } from "./scenario-names.ts";

export const THEMES = ["light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
/** The narrowest that a host makes it. */
export const WIDTH = 320;
/** The tallest that Figma's plugin lets it be. */
export const HEIGHT = 900;
/** Most of a scenario is waiting. */
const PAGES_AT_ONCE = 2;

export interface State {
  page: Page;
  name: ScenarioName;
  theme: Theme;
  /** What the console has said since the state was begun. */
  complaints: readonly string[];
}

export interface TourOptions {
  /** Of a CSS pixel, in pixels of the screen. */
  pixelRatio?: number;
  /** Run in each page once. */
  script?: string;
}

/** Several pages at once; each state in both themes, one after the other. */
export async function tourStates(
  browser: Browser,
  look: (state: State) => Promise<void>,
  { pixelRatio = 1, script = "" }: TourOptions = {},
): Promise<void> {
  const html = await bundlePage(new URL("page.tsx", import.meta.url));
  const queue = [...SCENARIO_NAMES];
  const guide = async () => {
    const opened = await openPage(browser, html, { theme: "light", height: HEIGHT, pixelRatio });
    const { page, complaints, close } = opened;
    await page.evaluate(script);
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      complaints.length = 0;
      await page.evaluate((scenario) => (window as unknown as PanelWindow).showScenario(scenario), name);
      for (const theme of THEMES) {
        await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
        await look({ page, name, theme, complaints });
      }
    }
    await close();
  };
  await Promise.all(Array.from({ length: PAGES_AT_ONCE }, guide));
}

interface PanelWindow {
  showScenario(name: string): Promise<void>;
}
