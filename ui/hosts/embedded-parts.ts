// What the build put into the page beside the script: the panel's engine's worker and the embedded networks.

import type { PanelParts } from "../engines/panel/engine.ts";

/** Ids of the data blocks; ui/build.mjs writes them. */
const WORKER_ID = "engine";
const NETWORK_ID = "network";
const DETAILER_ID = "detailer";

export function embeddedParts(): PanelParts {
  return {
    script: block(WORKER_ID),
    networks: async () => ({ network: await unpack(block(NETWORK_ID)), detailer: await unpack(block(DETAILER_ID)) }),
  };
}

function block(id: string): string {
  const text = document.getElementById(id)?.textContent;
  if (!text) throw new Error(`The page was built without ${id}`);
  return text;
}

/** base64 of deflated bytes, all even ones before all odd ones: the upper halves of 16-bit floats are much alike. */
async function unpack(text: string): Promise<Uint8Array> {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const apart = new Uint8Array(await new Response(stream).arrayBuffer());
  const half = Math.ceil(apart.length / 2);
  return apart.map((_, at) => apart[(at >> 1) + (at % 2) * half] as number);
}
