// Live pictures inside the engine child: decoded once for all moves of a slider, painted one after the other, and
// answered as a PNG in memory.

import { type DecodedPicture, decodePicture, requireUsable } from "../pictures/decode.ts";
import { encodePicture } from "../pictures/encode.ts";
import { readPictures } from "../pictures/read-pictures.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { liveSettings } from "../protocol/live.ts";
import type { PictureRole, RequestOf } from "../protocol/request.ts";
import type { FileSystem } from "../storage/file-system.ts";
import type { ChildEngine } from "./child-engine.ts";
import type { PictureFile } from "./messages.ts";
import { planInput } from "./plan-input.ts";

/** Pictures that take more are decoded anew each time. */
const KEPT_BYTES = 64 * 1024 ** 2;

export class LivePainter {
  readonly #engine: ChildEngine;
  readonly #fileSystem: FileSystem;
  readonly #aborts = new Map<number, AbortController>();
  /** Of the latest request, by file, size and role. */
  #decoded = new Map<string, DecodedPicture>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(engine: ChildEngine, fileSystem: FileSystem) {
    this.#engine = engine;
    this.#fileSystem = fileSystem;
  }

  /** Throws ImpastoError; "cancelled" after giveUp(). */
  async paint(call: number, request: RequestOf<PictureFile>): Promise<Uint8Array> {
    const abort = new AbortController();
    this.#aborts.set(call, abort);
    const before = this.#last;
    const painting = before.then(() => this.#paint(request, abort.signal)).finally(() => this.#aborts.delete(call));
    this.#last = painting.catch(() => undefined);
    return await painting;
  }

  giveUp(call: number): void {
    this.#aborts.get(call)?.abort();
  }

  async #paint(asked: RequestOf<PictureFile>, signal: AbortSignal): Promise<Uint8Array> {
    throwIfAborted(signal);
    const { content } = await planInput(asked, this.#fileSystem);
    const settings = liveSettings(asked.settings, content);
    const { request, learned } = await this.#read({ ...asked, settings }, signal);
    throwIfAborted(signal);
    const { run } = await this.#engine.start({
      request,
      ...(learned !== undefined && { learned }),
      onProgress: () => undefined,
      signal,
    });
    const { picture } = await run.result;
    throwIfAborted(signal);
    return await encodePicture(picture, "png", { inPassing: true });
  }

  async #read(request: RequestOf<PictureFile>, signal: AbortSignal): ReturnType<typeof readPictures> {
    const kept = new Map<string, DecodedPicture>();
    const read = await readPictures(request, async ({ path, name }: PictureFile, maxSide, role: PictureRole) => {
      throwIfAborted(signal);
      const key = `${maxSide} ${role} ${path}`;
      const decoded =
        this.#decoded.get(key) ?? (await decodePicture(await this.#fileSystem.read(path), name, { maxSide }));
      requireUsable(decoded, name, role);
      kept.set(key, decoded);
      return decoded;
    });
    const bytes = [...kept.values()].reduce((sum, { picture }) => sum + picture.data.byteLength, 0);
    this.#decoded = bytes <= KEPT_BYTES ? kept : new Map();
    return read;
  }
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new ImpastoError("cancelled", "The picture was given up.");
}
