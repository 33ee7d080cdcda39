// The network files that a job needs: what its worker is told to fetch if it has not, by hash, and where they are here.

import type { JobRecord } from "../ledger/job-record.ts";
import { locateModel } from "../models/locate.ts";
import { hashOnce, namedByHash } from "../networks/hash-once.ts";
import { locateNeeded, mapNetworks } from "../networks/needed.ts";
import type { WorkOrder } from "../protocol/work.ts";

export interface NeededFiles {
  told: Pick<WorkOrder, "networks" | "model">;
  here: { sha256: string; path: string }[];
}

type Asking = Pick<JobRecord, "request" | "settings">;

/** Frames of a batch need the same: the disk is asked once for all that come so soon after each other. */
const KNOWN_MS = 1_000;

export class FileFinder {
  /** By settings, which alone decide. */
  readonly #known = new Map<string, Promise<NeededFiles>>();
  #knownSince = 0;

  /** Throws ImpastoError as locateNeeded and locateModel. */
  filesOf(job: Asking): Promise<NeededFiles> {
    const now = performance.now();
    if (now - this.#knownSince > KNOWN_MS) {
      this.#known.clear();
      this.#knownSince = now;
    }
    const key = JSON.stringify(job.settings);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const files = find(job);
    this.#known.set(key, files);
    // What is missing may be there at the next try.
    files.catch(() => this.#known.delete(key));
    return files;
  }
}

async function find({ request, settings }: Asking): Promise<NeededFiles> {
  if (settings.model !== null) {
    const { model, files } = await locateModel(settings.model);
    return { told: { model }, here: await withHashes(Object.values(files)) };
  }
  const files = await locateNeeded({ ...request, settings });
  const { network, painter } = files;
  const paths = [network, ...(painter ? [painter.network, painter.detailer] : [])].map(({ path }) => path);
  return { told: { networks: await mapNetworks(files, namedByHash) }, here: await withHashes(paths) };
}

async function withHashes(paths: readonly string[]): Promise<NeededFiles["here"]> {
  return await Promise.all(paths.map(async (path) => ({ path, sha256: await hashOnce(path) })));
}
