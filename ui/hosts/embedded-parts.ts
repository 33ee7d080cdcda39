// What the build put into the page beside the script: the panel's engine's worker and the embedded network.

import type { PanelParts } from "../engines/panel/engine.ts";

/** Ids of the data blocks; ui/build.mjs writes them. */
const WORKER_ID = "engine";
const NETWORK_ID = "network";

export function embeddedParts(): PanelParts {
  return {
    script: block(WORKER_ID),
    network: async () => Uint8Array.from(atob(block(NETWORK_ID)), (character) => character.charCodeAt(0)),
  };
}

function block(id: string): string {
  const text = document.getElementById(id)?.textContent;
  if (!text) throw new Error(`The page was built without ${id}`);
  return text;
}
