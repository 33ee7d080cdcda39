// Bundles a test page in memory and opens it in a fresh tab.

import { build, type Plugin } from "esbuild";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";

/** Decoding the samples at their own size would be most of what a test of the panel takes. */
const SMALL_SAMPLES: Plugin = {
  name: "small samples",
  setup({ onLoad }) {
    onLoad({ filter: /\.jpg$/ }, async ({ path }) => {
      return { contents: await sharp(path).resize(256, 256, { fit: "inside" }).jpeg().toBuffer(), loader: "binary" };
    });
  },
};

/** The page's HTML, everything in it. */
export async function bundlePage(entry: URL): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry.pathname],
    bundle: true,
    write: false,
    outdir: "page",
    format: "iife",
    minify: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".woff2": "dataurl" },
    plugins: [SMALL_SAMPLES],
  });
  const text = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "";
  const script = text(".js").replaceAll("</script", "<\\/script");
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Impasto</title><style>${text(".css")}</style></head><body><div id="root"></div><script>${script}</script></body></html>`;
}

export interface OpenOptions {
  theme: "light" | "dark";
  height?: number;
  /** Of a CSS pixel, in pixels of the screen: what is drawn that no test looks at takes its time. */
  pixelRatio?: number;
}

/** Errors and warnings of the console end up in `complaints`. */
export async function openPage(browser: Browser, html: string, options: OpenOptions) {
  const context = await browser.newContext({
    viewport: { width: 320, height: options.height ?? 640 },
    deviceScaleFactor: options.pixelRatio ?? 1,
    colorScheme: options.theme,
    reducedMotion: "reduce",
  });
  const page: Page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.route("http://panel.test/", (route) =>
    route.fulfill({ contentType: "text/html; charset=utf-8", body: html }),
  );
  await page.goto("http://panel.test/");
  return { page, complaints, close: () => context.close() };
}
