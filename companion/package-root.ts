// Impasto's own folder and what its package.json says.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ImpastoError } from "./protocol/errors.ts";

/** In a scope as well, in which it may be published. */
const NAME = /^(?:@[^/]+\/)?impasto$/;

let found: { root: string; version: string } | undefined;

/** [sync] The folder of the package.json named impasto, above this file or the bundle that it is part of. */
export function packageRoot(): string {
  return find().root;
}

/** [sync] "0.1.0" */
export function packageVersion(): string {
  return find().version;
}

/** [sync] How the companion is started where this runs: a clone has npm's scripts, an installed package its command. */
export function startCommand(): string {
  return existsSync(join(packageRoot(), "companion", "cli.ts")) ? "npm start" : "impasto serve";
}

function find(): { root: string; version: string } {
  if (found !== undefined) return found;
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    const content: unknown = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
    if (typeof content === "object" && content !== null && "name" in content && NAME.test(String(content.name))) {
      const version = "version" in content && typeof content.version === "string" ? content.version : "unknown";
      found = { root: folder, version };
      return found;
    }
    if (dirname(folder) === folder) {
      throw new ImpastoError("internal", "Impasto's own folder was not found.", {
        hint: "Run Impasto from its repository or from the installed package.",
      });
    }
  }
}
