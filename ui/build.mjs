// The panel's pages: script, style and worker in one HTML file each, because Figma loads nothing beside it; and the network, in
// the page that Figma takes as it lies in a clone. Into the others, and into that page's copy for packages, the companion puts
// it (companion/whole-page.ts).

import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { packNetwork } from "../companion/pack-network.mjs";

const PAGES = {
  ui: "ui/hosts/figma-entry.ts",
  studio: "ui/hosts/web/entry.tsx",
  photopea: "ui/hosts/photopea/entry.ts",
};
/** The engine's script by page. Figma's frame never has WebGPU. */
const WORKERS = { ui: "webgl-worker", studio: "webgpu-worker", photopea: "webgpu-worker" };
const WORKER_ENTRIES = {
  "webgl-worker": "ui/engines/panel/worker/webgl-worker.ts",
  "webgpu-worker": "ui/engines/panel/worker/webgpu-worker.ts",
};
/** What the page is given, by the id of its place. */
const NETWORKS = { network: "vgg19-slim", detailer: "detailer-slim" };
/** Pages that hold them, and where their copies without lie. */
const WHOLE = { ui: "plugin/ui" };
/** A brush stroke; in the page, because an icon that is asked for and missing is an error in the console. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#0073d9"/><path d="M3 10.5c2-4 3.500-5 4.500-3s-1 4 1 3.500 2.500-3.500 4.500-4.500" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>',
)}`;
const TITLES = { ui: "Impasto", studio: "Impasto", photopea: "Impasto for Photopea" };

/** The start of every download's address, "https://…/Impasto-0.2.0"; a release's build is told, others know none. */
function downloads() {
  const folder = process.env.IMPASTO_DOWNLOADS;
  if (!folder) return "";
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  return `<meta name="impasto-downloads" content="${folder.replace(/\/?$/, "/")}Impasto-${version}">\n`;
}

/** esbuild's options for every page whose entry is there, null when none is. */
export function panelTarget() {
  const pages = Object.entries(PAGES).filter(([, entry]) => existsSync(entry));
  return {
    entryPoints: { ...Object.fromEntries(pages), ...WORKER_ENTRIES },
    outdir: "dist",
    write: false,
    platform: "browser",
    target: ["chrome111", "firefox120", "safari17"],
    format: "iife",
    jsx: "automatic",
    jsxImportSource: "preact",
    minify: true,
    sourcemap: false,
    loader: { ".jpg": "binary", ".woff2": "dataurl" },
    plugins: [{ name: "pages", setup: (build) => build.onEnd((result) => writePages(result, pages)) }],
  };
}

function writePages({ outputFiles = [], errors }, pages) {
  if (errors.length > 0) return;
  const text = (name) => outputFiles.find(({ path }) => basename(path) === name)?.text ?? "";
  const networks = Object.entries(NETWORKS).map(([id, network]) => ({
    id,
    network,
    text: packNetwork(readFileSync(`native/networks/${network}.safetensors`)),
  }));
  mkdirSync("dist/plugin", { recursive: true });
  copyFileSync("ui/hosts/photopea/icon.png", "dist/photopea-icon.png");
  for (const [name] of pages) {
    const parts = {
      title: TITLES[name],
      style: text(`${name}.css`),
      script: text(`${name}.js`),
      worker: text(`${WORKERS[name]}.js`),
    };
    const without = page({ ...parts, networks: networks.map((place) => ({ ...place, text: "" })) });
    writeFileSync(join("dist", `${WHOLE[name] ?? name}.html`), without);
    if (WHOLE[name]) writeFileSync(join("dist", `${name}.html`), page({ ...parts, networks }));
  }
}

function page({ title, style, script, worker, networks }) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${downloads()}<link rel="icon" href="${ICON}">
<style>${style.replaceAll("</style", "<\\/style")}</style>
</head>
<body>
<div id="root"></div>
<script type="text/plain" id="engine">${escapeScript(worker)}</script>
${networks.map(({ id, network, text }) => `<script type="text/plain" id="${id}" data-network="${network}">${text}</script>`).join("\n")}
<script>${escapeScript(script)}</script>
</body>
</html>
`;
}

/** The HTML parser ends a script at the first closing tag, wherever it stands, and <!-- changes what it looks for. */
function escapeScript(code) {
  return code.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
}
