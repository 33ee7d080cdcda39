// Every state of the panel, light and dark, in Chromium: nothing for axe to say, nothing on the console, nothing
// cut off. A picture of each is made by states.slow.test.ts.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "../../setup/browser.ts";
import { SCENARIO_NAMES } from "./scenario-names.ts";
import { HEIGHT, THEMES, type Theme, tourStates, WIDTH } from "./state-tour.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Report {
  complaints: string[];
  violations: string[];
  /** Elements whose text does not fit, that do not say so with an ellipsis. */
  clipped: string[];
  width: number;
  height: number;
  /** More settings stand open: the panel is taller then, at most as tall as Figma's plugin lets it be. */
  unfolded: boolean;
}

async function inspect(page: Page, theme: Theme): Promise<Omit<Report, "complaints">> {
  // Of what axe looks at only the colors differ between the themes.
  const rules = theme === "light" ? {} : { runOnly: ["color-contrast"] };
  const violations = await page.evaluate(async (only) => {
    const { axe } = window as unknown as { axe: { run(options: object): Promise<{ violations: AxeViolation[] }> } };
    interface AxeViolation {
      id: string;
      nodes: { target: string[]; failureSummary: string }[];
    }
    const found = await axe.run({ resultTypes: ["violations"], ...only });
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id} ${node.target} ${node.failureSummary}`),
    );
  }, rules);
  const measured = await page.evaluate(() => {
    const app = document.querySelector(".app") as HTMLElement;
    const clipped = [...app.querySelectorAll<HTMLElement>("*")].filter((element) => {
      const style = getComputedStyle(element);
      const hides = style.overflowX === "hidden" && style.textOverflow !== "ellipsis";
      const hidesHeight = style.overflowY === "hidden";
      return (
        (hides && element.scrollWidth > element.clientWidth) ||
        (hidesHeight && element.scrollHeight > element.clientHeight + 1)
      );
    });
    return {
      clipped: clipped.map((element) => `${element.tagName}.${element.className}: ${element.textContent}`),
      width: document.documentElement.scrollWidth,
      height: app.offsetHeight,
      unfolded: app.querySelector(".more[open]") !== null,
    };
  });
  return { violations, ...measured };
}

describe("every state of the panel", () => {
  let browser: Browser;
  const reports = new Map<string, Report>();

  beforeAll(async () => {
    browser = await launchBrowser();
    await tourStates(
      browser,
      async ({ page, name, theme, complaints }) => {
        const report = await inspect(page, theme);
        reports.set(`${name} ${theme}`, { ...report, complaints: [...complaints] });
      },
      { script: AXE },
    );
  }, 300_000);

  afterAll(() => browser?.close());

  test.each(SCENARIO_NAMES.flatMap((name) => THEMES.map((theme) => `${name} ${theme}`)))("%s", (key) => {
    const report = reports.get(key) as Report;
    expect(report.violations).toEqual([]);
    expect(report.complaints).toEqual([]);
    expect(report.clipped).toEqual([]);
    expect(report.width).toBe(WIDTH);
    expect(report.height).toBeLessThanOrEqual(report.unfolded ? HEIGHT : 640);
  });

  test("the Stylize tab keeps its height through a whole run", () => {
    const heights = [
      "idle-nothing-selected",
      "idle-pair",
      "idle-roles",
      "idle-keep-text",
      "live-painting",
      "live-shown",
      "live-keep-text",
      "live-failed",
      "live-running",
      "preparing",
      "running",
      "paused",
      "done",
      "failed-memory",
    ].map((name) => reports.get(`${name} light`)?.height);
    expect(new Set(heights).size).toBe(1);
  });
});
