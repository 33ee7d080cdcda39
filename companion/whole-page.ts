// A page of the panel with its networks in it. The build leaves them out of the pages that go through the companion and
// of the plugin's (ui/build.mjs), so that the package holds each network once.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packNetwork } from "./pack-network.mjs";
import { packageRoot } from "./package-root.ts";

const EMPTY_PLACE = /<script type="text\/plain" id="[\w-]+" data-network="([\w-]+)">(?=<\/script>)/g;

/** [sync] Throws what readFileSync throws where the page or a network is missing. */
export function wholePage(path: string): string {
  return readFileSync(path, "utf8").replace(EMPTY_PLACE, (tag, name: string) => {
    const file = join(packageRoot(), "native", "networks", `${name}.safetensors`);
    return tag + packNetwork(readFileSync(file));
  });
}
