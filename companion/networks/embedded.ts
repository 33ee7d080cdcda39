// The networks that come with the package.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../package-root.ts";

/** Best first; a file that is not in this version of the package is left out by embeddedNetworks(). */
const EMBEDDED = ["vgg19-half", "vgg19-slim"] as const;

export interface EmbeddedNetwork {
  name: string;
  path: string;
}

export function embeddedNetworks(root: string = packageRoot()): EmbeddedNetwork[] {
  return EMBEDDED.map((name) => ({ name, path: join(root, "native", "networks", `${name}.safetensors`) })).filter(
    ({ path }) => existsSync(path),
  );
}

export function isEmbeddedName(name: string): boolean {
  return (EMBEDDED as readonly string[]).includes(name);
}
