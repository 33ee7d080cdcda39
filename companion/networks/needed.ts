// The network files that a run needs, by its settings: the feature network, and what paints where something does.

import { ImpastoError } from "../protocol/errors.ts";
import { QUALITIES, type Settings } from "../protocol/settings.ts";
import { checkMethod } from "../protocol/settings-checks.ts";
import type { EmbeddedPainter } from "./embedded.ts";
import { type LocatedNetwork, locateNetwork, locatePainter } from "./locate.ts";

export interface NetworksOf<F> {
  network: F;
  painter?: { network: F; detailer: F };
}

/** Files by their names. */
export interface NetworkFiles extends NetworksOf<{ name: string; path: string }> {
  network: LocatedNetwork;
  painter?: EmbeddedPainter;
}

export async function mapNetworks<F, G>(
  { network, painter }: NetworksOf<F>,
  change: (file: F) => Promise<G>,
): Promise<NetworksOf<G>> {
  return {
    network: await change(network),
    ...(painter && { painter: { network: await change(painter.network), detailer: await change(painter.detailer) } }),
  };
}

/** What this machine would use. Throws ImpastoError as locateNetwork. */
export async function locateNeeded(settings: Settings): Promise<NetworkFiles> {
  return withPainter(settings, await locateNetwork(settings.network, settings.quality));
}

/** With what paints drafts and details, where the quality wants some. Throws ImpastoError("bad-setting"). */
export function withPainter(settings: Settings, network: LocatedNetwork): NetworkFiles {
  const { method, iterations } = QUALITIES[settings.quality];
  if (method !== "quick") return { network };
  checkMethod(settings);
  const painter = locatePainter();
  const polishes = (settings.iterations ?? iterations) > 0;
  if (!polishes && network.path !== painter.network.path) {
    throw new ImpastoError(
      "bad-setting",
      `A quick picture is painted by ${painter.network.name} and by no other network.`,
      {
        hint: "Leave the network out, or choose standard quality.",
      },
    );
  }
  return { network, painter };
}
