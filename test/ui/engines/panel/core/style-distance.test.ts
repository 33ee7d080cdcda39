// How far results are from their style, in the panel as in the companion.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { styleDistance as nativeDistance } from "../../../../../companion/supervisor/style-distance.ts";
import { startBackend } from "../../../../../ui/engines/panel/backends/backend.ts";
import { parseNetwork } from "../../../../../ui/engines/panel/core/network.ts";
import { styleDistance } from "../../../../../ui/engines/panel/core/style-distance.ts";
import { waves } from "../twin.ts";

const embedded = new URL("../../../../../native/networks/vgg19-slim.safetensors", import.meta.url);

it("is the companion's figure for the same pictures, also of those that are shrunk first", async () => {
  await startBackend();
  const network = parseNetwork(new Uint8Array(readFileSync(embedded)));
  const style = waves(32, 32, 0.4);
  for (const result of [style, waves(260, 40, 2.5)]) {
    const [own, native] = [await styleDistance(network, result, style), await nativeDistance(result, style)];
    // Float32 sums in another order, through ten convolutions and a root.
    expect(Math.abs(own - (native as number))).toBeLessThan(1e-3);
    expect(own < 1e-3).toBe(result === style);
  }
});
