// Live pictures: of each owner the one asked for last, painted by the engine child when it has nothing else to do.
// They leave nothing behind: no job, no file, no event.

import { Readable } from "node:stream";
import type { Bytes, LiveOptions } from "../job-service.ts";
import { ByteReader } from "../pictures/headers/header.ts";
import { isPng } from "../pictures/headers/png.ts";
import { ImpastoError } from "../protocol/errors.ts";
import type { RequestOf } from "../protocol/request.ts";
import type { PictureFile } from "../supervisor/messages.ts";
import type { EngineSupervisor } from "../supervisor/supervisor.ts";

export class LivePictures {
  readonly #supervisor: EngineSupervisor;
  readonly #latest = new Map<string, AbortController>();

  constructor(supervisor: EngineSupervisor) {
    this.#supervisor = supervisor;
  }

  /** Throws ImpastoError as JobService.live. */
  async paint(request: RequestOf<PictureFile>, { owner, signal }: LiveOptions): Promise<Bytes> {
    const superseded = new AbortController();
    this.#latest.get(owner)?.abort();
    this.#latest.set(owner, superseded);
    try {
      return pictureOf(await this.#supervisor.live(request, AbortSignal.any([signal, superseded.signal])));
    } finally {
      if (this.#latest.get(owner) === superseded) this.#latest.delete(owner);
    }
  }
}

/** What the engine child answered where a PNG or JPEG was asked for. */
export function pictureOf(answer: unknown): Bytes {
  if (!(answer instanceof Uint8Array)) {
    throw new ImpastoError("internal", "The engine gave a strange answer.", { hint: "Try again." });
  }
  const contentType = isPng(new ByteReader(answer)) ? "image/png" : "image/jpeg";
  return { stream: Readable.from([answer]), bytes: answer.length, contentType };
}
