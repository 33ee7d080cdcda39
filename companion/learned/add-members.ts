// From what the engine learned to a learned style's file: of one style, of several, or of one more beside those before.

import { readPictureHeader } from "../pictures/read-header.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { MAX_LEARNED_STYLES, OWN_OF_ONE, OWN_OF_SEVERAL, type OwnKind } from "../protocol/learned-styles.ts";
import { convolutionsOf, type DetailerFile, readDetailer } from "./filter-tensors.ts";
import { BANK, detailerOf, type Members, membersIn, sharedPart, startOf, withMembers } from "./members.ts";
import { pictureOf, putLearned, takeLearned } from "./style-file.ts";

/** What learning starts from. */
export interface LearningStart {
  own: OwnKind;
  /** The detailer that is learned on, or that stays as it is where styles are added. */
  shared: DetailerFile;
  /** Which of its convolutions is a style's bank. */
  bank: number;
  /** The file to which styles are added. */
  before: { members: Members; others: readonly Uint8Array[]; picture: Uint8Array } | null;
}

export interface LearnedPart {
  name: string;
  jpeg: Uint8Array;
  own: Float32Array;
}

/** @throws ImpastoError where so many styles do not go together so */
export function startFromGeneral(general: Uint8Array, count: number, asked: OwnKind | null): LearningStart {
  const own = asked ?? (count === 1 ? OWN_OF_ONE : OWN_OF_SEVERAL);
  if (own === "filters" && count > 1) {
    throw new ImpastoError(
      "bad-request",
      "Several styles in one file share their filters: they cannot have all of their own.",
      {
        hint: "Learn them with scales (cin) or with a bank each (stylebank), or one by one.",
      },
    );
  }
  requireRoom(count);
  return startOn(readDetailer(general), own, null);
}

/** @throws ImpastoError where the file is none that takes so many more */
export function startFromLearned(
  { name, file }: { name: string; file: Uint8Array },
  general: Uint8Array,
  count: number,
  asked: OwnKind | null,
): LearningStart {
  const learned = takeLearned(file);
  if (learned === null) {
    throw new ImpastoError("bad-request", `${name} is no learned style, so that none can be added to it.`, {
      hint: "Learn one first.",
    });
  }
  const detailer = readDetailer(learned.detailer);
  const { metadata } = readDetailer(general);
  if (detailer.metadata.encoder !== metadata.encoder || detailer.metadata.plan !== metadata.plan) {
    throw new ImpastoError(
      "bad-network",
      `${name} was learned with another version of Impasto, so that no style can be added to it.`,
      { hint: "Learn its styles and the new one together in a new file: impasto learn A B --on FRAMES -o FILE." },
    );
  }
  const members = membersIn(detailer) ?? firstAlone(detailer, name, asked);
  if (asked !== null && asked !== members.own) {
    throw new ImpastoError("bad-request", `The styles in ${name} were learned with ${members.own}, not ${asked}.`, {
      hint: "One more is learned as those before.",
    });
  }
  requireRoom(members.list.length + count);
  const before = { members, others: learned.others, picture: pictureOf(file) };
  return startOn(sharedPart(detailer), members.own, before);
}

/** All that was learned of one style is what the others share with it. */
function firstAlone(detailer: DetailerFile, name: string, asked: OwnKind | null): Members {
  const own = asked === null || asked === "filters" ? OWN_OF_SEVERAL : asked;
  return { own, list: [{ name, pictureBytes: 0, own: startOf(own, detailer) }] };
}

function startOn(shared: DetailerFile, own: OwnKind, before: LearningStart["before"]): LearningStart {
  return { own, shared, bank: convolutionsOf(shared.metadata.plan).indexOf(BANK), before };
}

function requireRoom(count: number): void {
  if (count <= MAX_LEARNED_STYLES) return;
  throw new ImpastoError(
    "bad-request",
    `One file holds at most ${MAX_LEARNED_STYLES} styles; these would be ${count}.`,
    {
      hint: "Learn the others in a file of their own.",
    },
  );
}

/** `detailer`: what the styles share, or all of the only one. */
export function learnedFile(
  { own, before }: LearningStart,
  detailer: Uint8Array,
  parts: readonly LearnedPart[],
): Uint8Array {
  const [first] = parts;
  if (own === "filters") return putLearned((first as LearnedPart).jpeg, { detailer, others: [] });
  const added = parts.map(({ name, jpeg, own: values }) => ({ name, pictureBytes: jpeg.length, own: values }));
  const list = [...(before?.members.list ?? []), ...added];
  const jpegs = [...(before === null ? [] : [before.picture, ...before.others]), ...parts.map(({ jpeg }) => jpeg)];
  const [picture = new Uint8Array(), ...others] = jpegs;
  return putLearned(picture, { detailer: withMembers(readDetailer(detailer), { own, list }), others });
}

export interface StyleInFile {
  name: string;
  /** Of its picture, px. */
  width: number;
  height: number;
}

/** Of a file that was made to hold several. */
export function stylesIn(file: Uint8Array): StyleInFile[] {
  const learned = takeLearned(file);
  const members = learned === null ? null : membersIn(readDetailer(learned.detailer));
  const jpegs = [pictureOf(file), ...(learned?.others ?? [])];
  return (members?.list ?? []).map(({ name }, i) => {
    const { width, height } = readPictureHeader(jpegs[i] ?? new Uint8Array(), name);
    return { name, width, height };
  });
}

/**
 * One of several as a learned style's file of its own.
 * @throws ImpastoError("not-found") for one that is not there
 */
export function styleAlone(file: Uint8Array, number: number): Uint8Array {
  const learned = takeLearned(file);
  const detailer = learned === null ? null : readDetailer(learned.detailer);
  const members = detailer === null ? null : membersIn(detailer);
  const member = members?.list[number - 1];
  const jpeg = number === 1 ? pictureOf(file) : learned?.others[number - 2];
  if (detailer === null || members === null || member === undefined || jpeg === undefined) {
    throw new ImpastoError("not-found", `There is no style ${number} in this file.`);
  }
  return putLearned(jpeg, { detailer: detailerOf(detailer, members, member), others: [] });
}
