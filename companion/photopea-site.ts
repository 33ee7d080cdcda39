// The panel for Photopea as plain files for any web host: page, icon, and the description to paste into Photopea's
// plugin gallery. There it paints by itself; a companion is reached only where the browser lets the page.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, writeFileWhole } from "./files.ts";
import { packageRoot } from "./package-root.ts";
import { ImpastoError } from "./protocol/errors.ts";
import { PHOTOPEA_DESCRIPTION, PHOTOPEA_ICON, photopeaPlugin } from "./protocol/photopea.ts";
import { wholePage } from "./whole-page.ts";

/** @returns the files that were written */
export async function savePhotopeaSite(folder: string, url: string): Promise<string[]> {
  const dist = join(packageRoot(), "dist");
  const pageName = new URL(url).pathname.split("/").at(-1) || "index.html";
  const description = `${JSON.stringify(photopeaPlugin(url), null, 2)}\n`;
  const contents: [string, Uint8Array][] = [
    [pageName, built(() => new TextEncoder().encode(wholePage(join(dist, "photopea.html"))))],
    [PHOTOPEA_ICON, built(() => readFileSync(join(dist, "photopea-icon.png")))],
    [PHOTOPEA_DESCRIPTION, new TextEncoder().encode(description)],
  ];
  makeFolder(folder);
  for (const [name, bytes] of contents) await writeFileWhole(join(folder, name), bytes);
  return contents.map(([name]) => join(folder, name));
}

function built(read: () => Uint8Array): Uint8Array {
  try {
    return read();
  } catch (cause) {
    throw new ImpastoError("not-found", "This copy of Impasto has no panel for Photopea.", {
      hint: "Run `npm run build` first.",
      cause,
    });
  }
}
