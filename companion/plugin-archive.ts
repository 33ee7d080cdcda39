// The Figma plugin as one zip that can be imported without a clone: what the build left in dist/, in one folder, with the
// networks in its page.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Zippable, zipSync } from "fflate";
import { packageRoot, packageVersion } from "./package-root.ts";
import { ImpastoError } from "./protocol/errors.ts";
import { wholePage } from "./whole-page.ts";

/** In dist/ → in the archive's folder. */
const FILES = {
  "plugin/manifest.json": "manifest.json",
  "plugin/README.md": "README.md",
  "code.js": "code.js",
} as const;
const PAGE = "plugin/ui.html";
/** One date for all, so that the same build gives the same bytes; in the zone of whoever packs, as zips keep dates. */
const DATE = new Date(2026, 0, 1);

export interface PluginArchive {
  /** impasto-plugin-0.2.0.zip */
  name: string;
  bytes: Uint8Array;
}

/** [sync] @throws ImpastoError("not-found") where the panel was not built */
export function pluginArchive(distFolder: string = join(packageRoot(), "dist")): PluginArchive {
  const folder = `impasto-plugin-${packageVersion()}`;
  try {
    const contents: [string, Uint8Array][] = Object.entries(FILES).map(([from, to]) => [
      to,
      readFileSync(join(distFolder, from)),
    ]);
    contents.push(["ui.html", new TextEncoder().encode(wholePage(join(distFolder, PAGE)))]);
    const entries = contents.map(([name, bytes]): [string, Zippable[string]] => [
      `${folder}/${name}`,
      [bytes, { mtime: DATE }],
    ]);
    return { name: `${folder}.zip`, bytes: zipSync(Object.fromEntries(entries)) };
  } catch (cause) {
    throw new ImpastoError("not-found", "This copy of Impasto has no Figma plugin in it.", {
      hint: "Run `npm run build` first.",
      cause,
    });
  }
}
