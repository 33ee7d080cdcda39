// Which of the learned styles in a style's file are taken, and how much each counts.

import { type DecodedPicture, decodePicture } from "../pictures/decode.ts";
import type { Picture } from "../protocol/engine.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { readDetailer } from "./filter-tensors.ts";
import { damagedStyles, detailerOf, membersIn } from "./members.ts";
import { isOfSeveral } from "./style-file.ts";

export interface ChosenStyle {
  picture: Picture;
  /** What was learned of it; null where nobody learned it. */
  detailer: Uint8Array | null;
  /** Among those in its file; their sum is 1. */
  share: number;
}

/**
 * @param mix what each style of a file counts, in their order; null: the first alone. For a file with one it says nothing.
 * @param maxSide of the pictures, as in decodePicture()
 * @throws ImpastoError("bad-setting") for more shares than styles
 */
export async function chooseMembers(
  { picture, learned }: DecodedPicture,
  mix: readonly number[] | null,
  maxSide: number,
): Promise<ChosenStyle[]> {
  if (learned === undefined) return [{ picture, detailer: null, share: 1 }];
  // Of one style there is nothing to read in it here.
  const file = isOfSeveral(learned) ? readDetailer(learned.detailer) : null;
  const members = file === null ? null : membersIn(file);
  if (file === null || members === null) return [{ picture, detailer: learned.detailer, share: 1 }];
  const shares = sharesOf(members.list.length, mix);
  const chosen: ChosenStyle[] = [];
  for (const [i, member] of members.list.entries()) {
    const share = shares[i] ?? 0;
    if (share === 0) continue;
    const jpeg = i === 0 ? null : learned.others[i - 1];
    if (jpeg === undefined) throw damagedStyles();
    const own = jpeg === null ? picture : (await decodePicture(jpeg, member.name, { maxSide })).picture;
    chosen.push({ picture: own, detailer: detailerOf(file, members, member), share });
  }
  return chosen;
}

function sharesOf(count: number, mix: readonly number[] | null): readonly number[] {
  const given = mix ?? [1];
  const sum = given.reduce((total, share) => total + share, 0);
  if (given.length > count || sum === 0) {
    const reason = sum === 0 ? "none of them counts" : `these are ${given.length} shares`;
    throw new ImpastoError("bad-setting", `The file holds ${count} learned styles, and ${reason}.`, {
      hint: "Give the share of each, in their order: 2,1 mixes the first two, 0,1 takes the second.",
    });
  }
  return given.map((share) => share / sum);
}
