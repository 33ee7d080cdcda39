// The native engine as the engine child wants it: networks by name, not by path.

import { stat } from "node:fs/promises";
import { engineInfo, engineVersions, type Painter, plan, stylize } from "../engine.ts";
import { listDevices, withDevice } from "../gpu/choose-device.ts";
import type { EmbeddedPainter } from "../networks/embedded.ts";
import { describeNetwork, listNetworks } from "../networks/list.ts";
import { type LocatedNetwork, locateNetwork, locatePainter } from "../networks/locate.ts";
import { pullNetwork } from "../networks/pull.ts";
import { hashFile } from "../networks/store.ts";
import { ImpastoError } from "../protocol/errors.ts";
import type { Recipe } from "../protocol/recipe.ts";
import { QUALITIES, type Settings } from "../protocol/settings.ts";
import { checkMethod } from "../protocol/settings-checks.ts";
import type { ChildEngine, RunFacts } from "./child-engine.ts";

export const nativeEngine = nativeEngineOn(({ network, quality }) => locateNetwork(network, quality));

/** The same on whatever network `locate` finds. */
export function nativeEngineOn(locate: (settings: Settings) => Promise<LocatedNetwork>): ChildEngine {
  return {
    async start({ request, checkpoint, ...options }) {
      const { settings } = request;
      const network = await locate(settings);
      const painter = painterOf(settings, network);
      const facts: RunFacts = {
        network: await named(network),
        ...(painter && { painter: { network: await named(painter.network), detailer: await named(painter.detailer) } }),
        threads: settings.threads ?? engineInfo().threads,
      };
      // Last: a run that fails at once has to find somebody who listens.
      const run = stylize(
        {
          ...request,
          settings: await withDevice(settings),
          networkPath: network.path,
          ...withPainter(painter),
          ...(checkpoint !== undefined && { checkpoint }),
        },
        options,
      );
      return { run, facts };
    },

    async plan(request) {
      const network = await locate(request.settings);
      return await plan({
        ...request,
        settings: await withDevice(request.settings),
        networkPath: network.path,
        ...withPainter(painterOf(request.settings, network)),
      });
    },

    devices: () => listDevices(),
    networks: () => listNetworks(),

    async pull(name, onProgress) {
      await pullNetwork(name, {
        onEvent(event) {
          if (event.kind === "progress") onProgress(event.receivedBytes, event.totalBytes ?? 0);
        },
      });
      return await describeNetwork(name);
    },

    versions: () => engineVersions(),
  };
}

/** What paints drafts and details, where the quality wants some. Throws ImpastoError("bad-setting"). */
function painterOf(settings: Settings, network: LocatedNetwork): EmbeddedPainter | undefined {
  const { method, iterations } = QUALITIES[settings.quality];
  if (method !== "quick") return undefined;
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
  return painter;
}

function withPainter(painter: EmbeddedPainter | undefined): { painter?: Painter } {
  return painter ? { painter: { networkPath: painter.network.path, detailerPath: painter.detailer.path } } : {};
}

async function named({ name, path }: { name: string; path: string }): Promise<Recipe["network"]> {
  return { name, sha256: await hashOnce(path) };
}

const hashes = new Map<string, string>();

/** Once for an unchanged file. */
async function hashOnce(path: string): Promise<string> {
  const { ino, size, mtimeMs } = await stat(path);
  const identity = [path, ino, size, mtimeMs].join();
  const known = hashes.get(identity);
  if (known !== undefined) return known;
  const hash = await hashFile(path, "sha256");
  hashes.set(identity, hash);
  return hash;
}
