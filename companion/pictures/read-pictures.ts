// The pictures of a request, decoded no larger than its run needs them.

import type { Picture } from "../protocol/engine.ts";
import { mapPicturesInTurn, type RequestOf } from "../protocol/request.ts";
import { decodeSide, type Size, wantedSide } from "../protocol/sizing.ts";
import type { DecodedPicture } from "./decode.ts";

/** `read` decodes one of them, its long side at most so many px; the content comes first. */
export function readPictures<F>(
  request: RequestOf<F>,
  read: (file: F, maxSide: number) => Promise<DecodedPicture>,
): Promise<RequestOf<Picture>> {
  const { settings } = request;
  let content: Size | null = null;
  return mapPicturesInTurn(request, async (file: F, role): Promise<Picture> => {
    const side = content === null ? wantedSide(settings) : decodeSide(role, content, settings);
    const { picture, sourceWidth, sourceHeight } = await read(file, side);
    content ??= { width: sourceWidth, height: sourceHeight };
    return picture;
  });
}
