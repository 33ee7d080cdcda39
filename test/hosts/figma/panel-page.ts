// The pages of the stand-in's window: the built panel with what Figma adds to it, and the page around it.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Theme, themeStyle } from "./theme.ts";

const ROOT = new URL("../../../", import.meta.url);

/** The policy that manifest.json's networkAccess implies. */
export function policy({ blobs = true }: { blobs?: boolean } = {}): string {
  const manifest = JSON.parse(readFileSync(new URL("manifest.json", ROOT), "utf8")) as {
    networkAccess: { allowedDomains: string[] };
  };
  const sources = ["'unsafe-inline'", "'unsafe-eval'", "data:", ...(blobs ? ["blob:"] : [])];
  return `default-src ${[...sources, ...manifest.networkAccess.allowedDomains].join(" ")}`;
}

/** dist/ui.html with what Figma adds to it. */
export function panelHtml(theme: Theme): string {
  const html = readFileSync(new URL("dist/ui.html", ROOT), "utf8");
  return html
    .replace('<html lang="en">', `<html lang="en" class="figma-${theme}">`)
    .replace("<head>", () => `<head>${themeStyle()}`);
}

/** The page around the panel, with its script. */
export async function windowPage(body = ""): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("test/hosts/figma/window.ts", ROOT))],
    bundle: true,
    write: false,
    format: "iife",
  });
  const style = "html,body{margin:0;background:#e5e5e5}#panel{border:0;display:block}";
  return `<!doctype html><meta charset="utf-8"><title>Stand-in</title><style>${style}</style>${body}<iframe id="panel"></iframe><script>${outputFiles[0]?.text}</script>`;
}
