// The native engine as the engine child wants it: networks by name, not by path.

import { stat } from "node:fs/promises";
import { engineInfo, engineVersions, plan, stylize } from "../engine.ts";
import { listDevices, withDevice } from "../gpu/choose-device.ts";
import { describeNetwork, listNetworks } from "../networks/list.ts";
import { type LocatedNetwork, locateNetwork } from "../networks/locate.ts";
import { pullNetwork } from "../networks/pull.ts";
import { hashFile } from "../networks/store.ts";
import type { Settings } from "../protocol/settings.ts";
import type { ChildEngine } from "./child-engine.ts";

export const nativeEngine = nativeEngineOn(({ network, quality }) => locateNetwork(network, quality));

/** The same on whatever network `locate` finds. */
export function nativeEngineOn(locate: (settings: Settings) => Promise<LocatedNetwork>): ChildEngine {
  return {
    async start({ request, checkpoint, ...options }) {
      const { settings } = request;
      const network = await locate(settings);
      const sha256 = await hashOnce(network.path);
      const run = stylize(
        {
          ...request,
          settings: await withDevice(settings),
          networkPath: network.path,
          ...(checkpoint !== undefined && { checkpoint }),
        },
        options,
      );
      const threads = settings.threads ?? engineInfo().threads;
      return { run, facts: { network: { name: network.name, sha256 }, threads } };
    },

    async plan(request) {
      const { path } = await locate(request.settings);
      return await plan({ ...request, settings: await withDevice(request.settings), networkPath: path });
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
