// The pictures of a request, decoded no larger than its run needs them.

import type { DetailerShare } from "../learned/blend-detailers.ts";
import type { Picture } from "../protocol/engine.ts";
import { mapPicturesInTurn, type PictureRole, type RequestOf } from "../protocol/request.ts";
import { decodeSide, type Size, wantedSide } from "../protocol/sizing.ts";
import type { DecodedPicture } from "./decode.ts";

export interface ReadRequest {
  request: RequestOf<Picture>;
  /** Of the content, pixels per inch; null where its file does not say. */
  density: number | null;
  /** What was learned of each style; absent where none of them was learned. */
  learned?: readonly DetailerShare[];
}

/** `read` decodes one of them, its long side at most so many px; the content comes first. */
export async function readPictures<F>(
  request: RequestOf<F>,
  read: (file: F, maxSide: number, role: PictureRole) => Promise<DecodedPicture>,
): Promise<ReadRequest> {
  const { settings } = request;
  let content: DecodedPicture | null = null;
  const ofStyles: (Uint8Array | null)[] = [];
  const decoded = await mapPicturesInTurn(request, async (file: F, role): Promise<Picture> => {
    const side = content === null ? wantedSide(settings) : decodeSide(role, sourceSize(content), settings);
    const own = await read(file, side, role);
    content ??= own;
    if (role === "style") ofStyles.push(own.detailer ?? null);
    return own.picture;
  });
  const density = (content as DecodedPicture | null)?.density ?? null;
  const learned = ofStyles.map((bytes, i) => ({ bytes, weight: request.styles[i]?.weight ?? 0 }));
  const isLearned = learned.some(({ bytes, weight }) => bytes !== null && weight > 0);
  return { request: decoded, density, ...(isLearned && { learned }) };
}

function sourceSize({ sourceWidth, sourceHeight }: DecodedPicture): Size {
  return { width: sourceWidth, height: sourceHeight };
}
