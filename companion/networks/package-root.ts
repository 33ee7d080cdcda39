// Where the package lies, from the sources as well as from the bundle in dist/.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ImpastoError } from "../protocol/errors.ts";

/** The folder of the package.json named impasto, above this file. Throws ImpastoError("internal"). */
export function packageRoot(from: string = dirname(fileURLToPath(import.meta.url))): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, "utf8")) as { name?: unknown }).name === "impasto") {
      return folder;
    }
    if (dirname(folder) === folder) break;
  }
  throw new ImpastoError("internal", `Impasto's own files were not found above ${from}.`, {
    hint: "Install it again.",
  });
}
