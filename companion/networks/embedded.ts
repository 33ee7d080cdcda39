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

/** What paints quick pictures: a detailer, and the network that it was trained with. */
export interface EmbeddedPainter {
  network: EmbeddedNetwork;
  detailer: EmbeddedNetwork;
}

/** Undefined where this version of the package lacks one of the two. */
export function embeddedPainter(root: string = packageRoot()): EmbeddedPainter | undefined {
  const network = embeddedNetworks(root).find(({ name }) => name === "vgg19-slim");
  const detailer = { name: "detailer-slim", path: join(root, "native", "networks", "detailer-slim.safetensors") };
  return network !== undefined && existsSync(detailer.path) ? { network, detailer } : undefined;
}

export function isEmbeddedName(name: string): boolean {
  return (EMBEDDED as readonly string[]).includes(name);
}
