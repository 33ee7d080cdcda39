// The pictures of a request, decoded no larger than its run needs them.

import type { Picture } from "../protocol/engine.ts";
import { mapPicturesInTurn, type PictureRole, type RequestOf } from "../protocol/request.ts";
import { decodeSide, type Size, wantedSide } from "../protocol/sizing.ts";
import type { DecodedPicture } from "./decode.ts";

export interface ReadRequest {
  request: RequestOf<Picture>;
  /** Of the content, pixels per inch; null where its file does not say. */
  density: number | null;
  /** Of the style, where it is the only one and a learned one. */
  detailer?: Uint8Array;
}

/** `read` decodes one of them, its long side at most so many px; the content comes first. */
export async function readPictures<F>(
  request: RequestOf<F>,
  read: (file: F, maxSide: number, role: PictureRole) => Promise<DecodedPicture>,
): Promise<ReadRequest> {
  const { settings } = request;
  let content: DecodedPicture | null = null;
  let detailer: Uint8Array | undefined;
  const decoded = await mapPicturesInTurn(request, async (file: F, role): Promise<Picture> => {
    const side = content === null ? wantedSide(settings) : decodeSide(role, sourceSize(content), settings);
    const own = await read(file, side, role);
    content ??= own;
    if (role === "style" && request.styles.length === 1) detailer = own.detailer;
    return own.picture;
  });
  const density = (content as DecodedPicture | null)?.density ?? null;
  return { request: decoded, density, ...(detailer && { detailer }) };
}

function sourceSize({ sourceWidth, sourceHeight }: DecodedPicture): Size {
  return { width: sourceWidth, height: sourceHeight };
}
