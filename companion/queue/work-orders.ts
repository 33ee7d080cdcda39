// Orders as workers get them: hashes in place of this machine's paths, with what is to be fetched and from where.

import type { PictureStore } from "../jobs/picture-store.ts";
import { inputsOf, type JobRecord } from "../ledger/job-record.ts";
import { mapPictures } from "../protocol/request.ts";
import type { WorkOrder } from "../protocol/work.ts";
import type { FileSystem } from "../storage/file-system.ts";
import type { PictureFile, RunOrder } from "../supervisor/messages.ts";
import { FileFinder, type NeededFiles } from "./needed-files.ts";
import type { Shipments, Shipped } from "./shipments.ts";

export class WorkOrders {
  readonly #pictures: PictureStore;
  readonly #fileSystem: FileSystem;
  readonly #shipments: Shipments | null;
  readonly #files = new FileFinder();

  constructor(parts: { pictures: PictureStore; fileSystem: FileSystem }, shipments: Shipments | null) {
    this.#pictures = parts.pictures;
    this.#fileSystem = parts.fileSystem;
    this.#shipments = shipments;
  }

  /** Throws ImpastoError where a network or model that the job needs is not here. */
  async make(job: JobRecord, order: RunOrder): Promise<WorkOrder> {
    const { told, here } = await this.#files.filesOf(job);
    const bucket = await this.#ship(job, here);
    return { ...this.#traveling(order), ...told, ...(bucket && { bucket }) };
  }

  /** Where a network that the job needs is, or null. Throws as make(). */
  async networkPath(job: JobRecord, sha256: string): Promise<string | null> {
    const { here } = await this.#files.filesOf(job);
    return here.find((each) => each.sha256 === sha256)?.path ?? null;
  }

  /** Without the paths of this machine. */
  #traveling(order: RunOrder): WorkOrder {
    const { job, attempt, request, overrides, changes, stop, repeat, resumeFrom, shot, measure } = order;
    return {
      ...{ job, attempt, overrides, changes, stop, resumes: resumeFrom !== undefined },
      request: mapPictures(request, ({ ref }: PictureFile) => ref),
      ...(repeat !== undefined && { repeat }),
      ...(measure && { measure }),
      ...(shot && { shot: { batch: shot.batch, goesOn: this.#fileSystem.size(shot.path) !== null } }),
    };
  }

  async #ship(job: JobRecord, networks: NeededFiles["here"]): Promise<Shipped | null> {
    if (this.#shipments === null) return null;
    const pictures = inputsOf(job.request).map((sha256) => ({ sha256, path: this.#pictures.path(sha256) }));
    return await this.#shipments.ship([...pictures, ...networks]);
  }
}
