// The networks that jobs need, by their hashes: the companion says which, and hands out no other file.

import { hashOnce } from "../networks/hash-once.ts";
import { locateNetwork } from "../networks/locate.ts";
import { type NetworkFiles, withPainter } from "../networks/needed.ts";
import type { Settings } from "../protocol/settings.ts";
import type { WorkOrder } from "../protocol/work.ts";

type NamedFile = NetworkFiles["network"];

/** What this machine would use for them. @throws ImpastoError as locateNetwork */
export async function filesFor(settings: Settings): Promise<NetworkFiles> {
  return withPainter(settings, await locateNetwork(settings.network, settings.quality));
}

export class NetworkShelf {
  readonly #paths = new Map<string, string>();

  async hashes({ network, painter }: NetworkFiles): Promise<WorkOrder["networks"]> {
    const hashed = async ({ name, path }: NamedFile) => {
      const sha256 = await hashOnce(path);
      this.#paths.set(sha256, path);
      return { name, sha256 };
    };
    return {
      network: await hashed(network),
      ...(painter && { painter: { network: await hashed(painter.network), detailer: await hashed(painter.detailer) } }),
    };
  }

  /** Null unless it is one of `files`. */
  path({ network, painter }: NetworkFiles, sha256: string): string | null {
    const path = this.#paths.get(sha256);
    const files = [network, ...(painter ? [painter.network, painter.detailer] : [])];
    return files.some((file) => file.path === path) ? (path ?? null) : null;
  }
}
