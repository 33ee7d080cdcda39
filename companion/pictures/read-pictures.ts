// The pictures of a request, decoded no larger than its run needs them. A file that holds several learned styles stands for
// those of them that are chosen.

import type { DetailerShare } from "../learned/blend-detailers.ts";
import { chooseMembers } from "../learned/choose-members.ts";
import { isOfSeveral } from "../learned/style-file.ts";
import type { Picture } from "../protocol/engine.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { mapPicturesInTurn, type PictureRole, type RequestOf, type StyleOf } from "../protocol/request.ts";
import { decodeSide, type Size, wantedSide } from "../protocol/sizing.ts";
import type { DecodedPicture } from "./decode.ts";

export interface ReadRequest {
  request: RequestOf<Picture>;
  /** Of the content, pixels per inch; null where its file does not say. */
  density: number | null;
  /** What was learned of each style; absent where none of them was learned. */
  learned?: readonly DetailerShare[];
}

interface DecodedStyle {
  decoded: DecodedPicture;
  maxSide: number;
}

/** `read` decodes one of them, its long side at most so many px; the content comes first. */
export async function readPictures<F>(
  request: RequestOf<F>,
  read: (file: F, maxSide: number, role: PictureRole) => Promise<DecodedPicture>,
): Promise<ReadRequest> {
  const { settings } = request;
  let content: DecodedPicture | null = null;
  const files: DecodedStyle[] = [];
  const decoded = await mapPicturesInTurn(request, async (file: F, role): Promise<Picture> => {
    const maxSide = content === null ? wantedSide(settings) : decodeSide(role, sourceSize(content), settings);
    const own = await read(file, maxSide, role);
    content ??= own;
    if (role === "style") files.push({ decoded: own, maxSide });
    return own.picture;
  });
  const density = (content as DecodedPicture | null)?.density ?? null;
  const { styles, learned } = await chosenStyles(decoded.styles, files, settings.styleMix);
  const isLearned = learned.some(({ bytes, weight }) => bytes !== null && weight > 0);
  return { request: { ...decoded, styles }, density, ...(isLearned && { learned }) };
}

async function chosenStyles(
  given: readonly StyleOf<Picture>[],
  files: readonly DecodedStyle[],
  mix: readonly number[] | null,
): Promise<{ styles: StyleOf<Picture>[]; learned: DetailerShare[] }> {
  const hasSeveral = files.some(({ decoded: { learned } }) => learned !== undefined && isOfSeveral(learned));
  if (mix !== null && !hasSeveral) {
    throw new ImpastoError(
      "bad-setting",
      "No style of these is a file of several learned styles that could be mixed.",
      {
        hint: "Leave out the style mix.",
      },
    );
  }
  const styles: StyleOf<Picture>[] = [];
  const learned: DetailerShare[] = [];
  for (const [i, style] of given.entries()) {
    const { decoded, maxSide } = files[i] as DecodedStyle;
    for (const { picture, detailer, share } of await chooseMembers(decoded, mix, maxSide)) {
      const weight = style.weight * share;
      styles.push({ ...style, picture, weight });
      learned.push({ bytes: detailer, weight });
    }
  }
  return { styles, learned };
}

function sourceSize({ sourceWidth, sourceHeight }: DecodedPicture): Size {
  return { width: sourceWidth, height: sourceHeight };
}
