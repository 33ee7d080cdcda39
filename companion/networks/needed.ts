// The network files that a run needs, by its settings: the feature network, and what paints where something does.

import { ImpastoError } from "../protocol/errors.ts";
import type { RequestOf } from "../protocol/request.ts";
import { QUALITIES } from "../protocol/settings.ts";
import { checkMethod } from "../protocol/settings-checks.ts";
import { wayOf } from "../protocol/way.ts";
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
export async function locateNeeded(request: RequestOf<unknown>): Promise<NetworkFiles> {
  return withPainter(request, await locateNetwork(request.settings.network, request.settings.quality));
}

/** With what paints drafts and details, where that is the way to paint it. Throws ImpastoError("bad-setting"). */
export function withPainter(request: RequestOf<unknown>, network: LocatedNetwork): NetworkFiles {
  const { settings } = request;
  if (wayOf(settings) !== "quick") return { network };
  checkMethod(settings);
  const painter = locatePainter();
  const polishes = (settings.iterations ?? QUALITIES[settings.quality].polish) > 0;
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
