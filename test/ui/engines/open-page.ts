// Opens the contract's page the way Figma opens the panel: an opaque origin.

import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";

const ROOT = new URL("../../../", import.meta.url);

export async function bundle(path: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL(path, ROOT).pathname],
    bundle: true,
    write: false,
    format: "iife",
    minify: true,
    target: "es2020",
  });
  return (outputFiles[0] as { text: string }).text;
}

export async function openContractPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  await page.addScriptTag({ content: await bundle("test/ui/engines/page.ts") });
  return page;
}
