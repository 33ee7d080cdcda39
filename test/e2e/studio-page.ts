// The studio as `npm start` gives it, for end-to-end tests: the page opened with its ticket, a companion of its own behind it.

import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../setup/browser.ts";
import { startCompanion } from "./companion.ts";

export interface OpenStudio {
  page: Page;
  /** What the console and the page complained of. */
  problems: string[];
  close(): Promise<void>;
}

/** With its two samples selected and everything ready for Stylize. */
export async function openStudio(): Promise<OpenStudio> {
  const companion = await startCompanion("aside");
  let browser: Browser | null = null;
  const close = async () => {
    await browser?.close();
    await companion.stop();
  };
  try {
    browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    await page.goto(companion.page);
    await page.getByRole("button", { name: "Stylize", exact: true, disabled: false }).waitFor({ timeout: 60_000 });
    return { page, problems, close };
  } catch (error) {
    await close();
    throw error;
  }
}
