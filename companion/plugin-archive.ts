// The Figma plugin as one zip that can be imported without a clone: what the build left in dist/, in one folder.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Zippable, zipSync } from "fflate";
import { packageRoot, packageVersion } from "./package-root.ts";
import { ImpastoError } from "./protocol/errors.ts";

/** In dist/ → in the archive's folder. */
const FILES = {
  "plugin/manifest.json": "manifest.json",
  "plugin/README.md": "README.md",
  "code.js": "code.js",
  "ui.html": "ui.html",
} as const;
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
    const entries = Object.entries(FILES).map(([from, to]): [string, Zippable[string]] => [
      `${folder}/${to}`,
      [readFileSync(join(distFolder, from)), { mtime: DATE }],
    ]);
    return { name: `${folder}.zip`, bytes: zipSync(Object.fromEntries(entries)) };
  } catch (cause) {
    throw new ImpastoError("not-found", "This copy of Impasto has no Figma plugin in it.", {
      hint: "Run `npm run build` first.",
      cause,
    });
  }
}
