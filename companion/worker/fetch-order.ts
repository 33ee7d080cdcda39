// An order from the companion made one for the engine here: its pictures, networks and checkpoint as files.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { embeddedNetworks, embeddedPainter } from "../networks/embedded.ts";
import { hashOnce } from "../networks/hash-once.ts";
import { mapNetworks, type NetworkFiles } from "../networks/needed.ts";
import { checkedRecord, listRecords, storedPath } from "../networks/store.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { MAX_RESULT_BYTES } from "../protocol/limits.ts";
import { mapPicturesInTurn, type PictureRole, ROLE_NAMES } from "../protocol/request.ts";
import type { PictureRef } from "../protocol/request-schema.ts";
import type { Settings } from "../protocol/settings.ts";
import type { WorkOrder } from "../protocol/work.ts";
import type { Bucket } from "../queue/bucket.ts";
import { storageError } from "../storage/file-system.ts";
import type { RunFiles } from "../supervisor/child-engine.ts";
import type { PictureFile, RunOrder } from "../supervisor/messages.ts";
import type { FileCache } from "./file-cache.ts";
import type { Link } from "./link.ts";

export interface Workplace {
  link: Link;
  /** Of this process. */
  worker: string;
  /** Where pictures go between here and the companion; over HTTP where there is none. */
  bucket: Bucket | null;
  cache: FileCache;
  /** For checkpoints, previews and results, of this process alone. */
  folder: string;
  /** What this worker does its own way where a job leaves it open. */
  preferred: Partial<Pick<Settings, "device" | "threads">>;
}

/** That of this worker, where it is the companion's too: never one that a job names. */
export function sharedBucket(order: WorkOrder, { bucket }: Workplace): Bucket | null {
  return bucket !== null && order.bucket?.address === bucket.shown ? bucket : null;
}

/** Throws ImpastoError: what the companion answers, "hash-mismatch", or a full disk's. */
export async function fetchOrder(order: WorkOrder, place: Workplace, signal: AbortSignal): Promise<RunOrder> {
  const { job, attempt, request, overrides, changes, stop, repeat, resumes } = order;
  const { link, cache, folder } = place;
  const query = { worker: place.worker, attempt: String(attempt) };

  function get(route: "workBlob" | "workNetwork", sha256: string): Promise<string> {
    const load = async () =>
      (await fromBucket(sha256)) ?? (await link.picture(route, { params: { id: job, sha256 }, query, signal }));
    // Patience is for the companion: a full disk here may stay full.
    return cache.get(sha256, () => link.patiently(load, signal));
  }

  /** Null where it must come over HTTP. */
  async function fromBucket(sha256: string): Promise<Uint8Array | null> {
    const bucket = sharedBucket(order, place);
    if (bucket === null || !order.bucket?.holds.includes(sha256)) return null;
    return await bucket.get(sha256, MAX_RESULT_BYTES).catch(() => null);
  }

  async function named({ name, sha256 }: { name: string; sha256: string }): Promise<NetworkFiles["network"]> {
    return { name, path: (await ownNetwork(sha256)) ?? (await get("workNetwork", sha256)) };
  }

  /** A model of the same name may be another one here: only the hash counts. */
  async function filesOf({ networks, model }: WorkOrder): Promise<RunFiles> {
    if (networks !== undefined) return { networks: await mapNetworks(networks, named) };
    if (model === undefined) throw new ImpastoError("internal", "The companion sent no network for this job.");
    const main = await get("workNetwork", model.sha256);
    const style = model.styleSha256 === null ? {} : { style: await get("workNetwork", model.styleSha256) };
    return { model: { model, files: { main, ...style } } };
  }

  const pictures = await mapPicturesInTurn(
    request,
    async (ref: PictureRef, role: PictureRole): Promise<PictureFile> => ({
      path: await get("workBlob", ref.sha256),
      name: ref.name ?? ROLE_NAMES[role],
      ref,
    }),
  );
  const files = await filesOf(order);
  const from = join(folder, `${job}.${attempt}.from`);
  const resumeFrom = resumes && (await fetchState("workCheckpoint", from)) ? from : null;
  const shot = order.shot && { batch: order.shot.batch, path: join(folder, `${job}.${attempt}.shot`) };
  if (shot && order.shot?.goesOn) await fetchState("workShot", shot.path);

  /** False when it is gone meanwhile: then the job, or the shot, begins anew. */
  async function fetchState(route: "workCheckpoint" | "workShot", path: string): Promise<boolean> {
    try {
      const load = () => link.picture(route, { params: { id: job }, query, signal });
      const bytes = await link.patiently(load, signal);
      await writeFile(path, bytes, { mode: 0o600 }).catch((error: unknown) => {
        throw storageError(error, "a checkpoint");
      });
      return true;
    } catch (error) {
      if (error instanceof ImpastoError && error.code === "not-found") return false;
      throw error;
    }
  }

  return {
    job,
    attempt,
    request: pictures,
    overrides: { ...preferences(request.settings, place.preferred), ...overrides },
    changes,
    stop,
    ...(repeat !== undefined && { repeat }),
    ...(resumeFrom !== null && { resumeFrom }),
    ...(order.measure && { measure: true }),
    ...(shot && { shot }),
    ...files,
    checkpointPath: join(folder, `${job}.${attempt}`),
    temporaryFolder: folder,
  };
}

function preferences({ device, threads }: Settings, preferred: Workplace["preferred"]): Workplace["preferred"] {
  return {
    ...(device === "auto" && preferred.device !== undefined && { device: preferred.device }),
    ...(threads === null && preferred.threads !== undefined && { threads: preferred.threads }),
  };
}

/** One that is here already, in the package or in the user's cache. */
async function ownNetwork(sha256: string): Promise<string | null> {
  const painter = embeddedPainter();
  for (const { path } of [...embeddedNetworks(), ...(painter ? [painter.detailer] : [])]) {
    if ((await hashOnce(path)) === sha256) return path;
  }
  const record = (await listRecords()).find((candidate) => candidate.sha256 === sha256);
  if (record === undefined) return null;
  // One that has changed since is as good as none.
  const isWhole = (await checkedRecord(record.name).catch(() => null)) !== null;
  return isWhole ? storedPath(record.name) : null;
}
