// Pictures of jobs that follow on each other, decoded once: the next frame's content while the one before it is painted, and
// a style for all the frames that it is for.

import { type DecodedPicture, decodePicture } from "../pictures/decode.ts";
import type { PictureRole } from "../protocol/request.ts";
import { type FileSystem, storageError } from "../storage/file-system.ts";
import type { PictureFile } from "./messages.ts";

/** Larger ones are decoded when they are needed: two of them at a time would be the memory of another run. */
const MAX_KEPT_PIXELS = 2048 * 2048;

export class DecodedPictures {
  readonly #fileSystem: FileSystem;
  /** One content ahead, and the latest style; each the latest asked for. */
  readonly #kept = new Map<"content" | "style", { key: string; decoding: Promise<DecodedPicture> }>();

  constructor(fileSystem: FileSystem) {
    this.#fileSystem = fileSystem;
  }

  /** Somebody will ask for this content next. What is wrong with it is said then. */
  expect(file: PictureFile, maxSide: number): void {
    if (maxSide ** 2 > MAX_KEPT_PIXELS) return;
    const decoding = this.#decode(file, maxSide);
    decoding.catch(() => undefined);
    this.#kept.set("content", { key: keyOf(file, maxSide), decoding });
  }

  async read(file: PictureFile, maxSide: number, role: PictureRole): Promise<DecodedPicture> {
    if (role !== "content" && role !== "style") return await this.#decode(file, maxSide);
    const key = keyOf(file, maxSide);
    const kept = this.#kept.get(role);
    const known = kept?.key === key ? kept.decoding : null;
    if (known !== null && role === "content") this.#kept.delete("content");
    const decoding = known ?? this.#decode(file, maxSide);
    if (known === null && role === "style") this.#keepStyle(key, decoding);
    return await decoding;
  }

  #keepStyle(key: string, decoding: Promise<DecodedPicture>): void {
    this.#kept.set("style", { key, decoding });
    const drop = () => {
      if (this.#kept.get("style")?.decoding === decoding) this.#kept.delete("style");
    };
    decoding.then(({ picture: { width, height } }) => {
      if (width * height > MAX_KEPT_PIXELS) drop();
    }, drop);
  }

  async #decode({ path, name }: PictureFile, maxSide: number): Promise<DecodedPicture> {
    let bytes: Uint8Array;
    try {
      bytes = await this.#fileSystem.read(path);
    } catch (error) {
      throw storageError(error, `reading ${name}`);
    }
    return await decodePicture(bytes, name, { maxSide });
  }
}

/** The name stands in what is said of it. */
function keyOf({ path, name }: PictureFile, maxSide: number): string {
  return JSON.stringify([path, name, maxSide]);
}
