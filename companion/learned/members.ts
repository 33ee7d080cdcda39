// Several learned styles in one detailer's file: the filters that they share by their usual names, and beside them what each
// has of its own, which folds into those filters (native/learn/own.h): one of them is then a detailer like any other.

import { type Static, Type } from "typebox";
import type { Tensor } from "../networks/safetensors.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { MAX_LEARNED_STYLES } from "../protocol/learned-styles.ts";
import { CLOSED, NameSchema } from "../protocol/schemas.ts";
import { isOf } from "../supervisor/parse-message.ts";
import { convolutionsOf, type DetailerFile, writeDetailer } from "./filter-tensors.ts";

/** Where strokes are formed, at a quarter of the picture's size: 64 → 64 channels, 74 kB a style. */
export const BANK = "level3.conv2";

const NoteSchema = Type.Object(
  {
    own: Type.Enum(["cin", "stylebank"] as const),
    list: Type.Array(
      Type.Object(
        {
          name: NameSchema,
          /** Of its picture's JPEG; the first one's is the file itself. */
          pictureBytes: Type.Integer({ minimum: 0 }),
        },
        CLOSED,
      ),
      { minItems: 1, maxItems: MAX_LEARNED_STYLES },
    ),
  },
  CLOSED,
);

type Note = Static<typeof NoteSchema>;
export type SharedKind = Note["own"];
export type MemberNote = Note["list"][number];

export interface Member extends MemberNote {
  /** Scales and then shifts of all channels in the order of the convolutions; or weight and bias of the bank. */
  own: Float32Array;
}

export interface Members {
  own: SharedKind;
  list: readonly Member[];
}

const NOTE = "styles";
const ownTensor = (index: number): string => `own${index + 1}`;

/** @throws ImpastoError("bad-network"); null for a detailer of one style */
export function membersIn({ metadata, tensors }: DetailerFile): Members | null {
  const text = metadata[NOTE];
  if (text === undefined) return null;
  const note = parseNote(text);
  const size = startOf(note.own, { metadata, tensors }).length;
  const list = note.list.map((member, i): Member => {
    const own = tensors.get(ownTensor(i))?.values;
    if (own?.length !== size) throw damagedStyles();
    return { ...member, own };
  });
  return { own: note.own, list };
}

/** The file of what they share, with all of them in it. */
export function withMembers({ metadata, tensors }: DetailerFile, { own, list }: Members): Uint8Array {
  const all = new Map(tensors);
  for (const [i, member] of list.entries()) all.set(ownTensor(i), { shape: [member.own.length], values: member.own });
  const note: Note = { own, list: list.map(({ name, pictureBytes }) => ({ name, pictureBytes })) };
  return writeDetailer({ metadata: { ...metadata, [NOTE]: JSON.stringify(note) }, tensors: all });
}

/** What they share: a detailer's file, from which another style can be learned. */
export function sharedPart({ metadata, tensors }: DetailerFile): DetailerFile {
  const { [NOTE]: _, ...rest } = metadata;
  const shared = [...tensors].filter(([name]) => !name.startsWith("own"));
  return { metadata: rest, tensors: new Map(shared) };
}

/** What a style has of its own that paints as the shared filters do. */
export function startOf(own: SharedKind, { metadata, tensors }: DetailerFile): Float32Array {
  if (own === "stylebank") {
    const [weight, bias] = ["weight", "bias"].map((part) => tensors.get(`${BANK}.${part}`)?.values ?? []);
    return Float32Array.from([...(weight ?? []), ...(bias ?? [])]);
  }
  const channels = channelsOf({ metadata, tensors });
  return Float32Array.from({ length: 2 * channels }, (_, i) => (i < channels ? 1 : 0));
}

/** A detailer's file that paints in that style alone. */
export function detailerOf(file: DetailerFile, { own: kind }: Members, { own }: Pick<Member, "own">): Uint8Array {
  const { metadata, tensors } = sharedPart(file);
  if (kind === "stylebank") putBank(tensors, own);
  else scale({ metadata, tensors }, own);
  return writeDetailer({ metadata, tensors });
}

function putBank(tensors: Map<string, Tensor>, own: Float32Array): void {
  let at = 0;
  for (const name of [`${BANK}.weight`, `${BANK}.bias`]) {
    const { shape = [], values } = tensors.get(name) ?? {};
    const end = at + (values?.length ?? 0);
    tensors.set(name, { shape, values: own.subarray(at, end) });
    at = end;
  }
}

/** γ times what a convolution makes, and β more (Dumoulin et al. 2017, eq. 5). */
function scale({ metadata, tensors }: DetailerFile, own: Float32Array): void {
  const channels = channelsOf({ metadata, tensors });
  let first = 0;
  for (const stem of convolutionsOf(metadata.plan)) {
    const [weight, bias] = [tensors.get(`${stem}.weight`), tensors.get(`${stem}.bias`)];
    if (weight === undefined || bias === undefined) throw damagedStyles();
    const count = bias.values.length;
    const each = weight.values.length / count;
    const scales = own.subarray(first, first + count);
    const shifts = own.subarray(channels + first, channels + first + count);
    const by = (values: Float32Array, step: number) =>
      values.map((value, i) => value * (scales[Math.floor(i / step)] as number));
    tensors.set(`${stem}.weight`, { shape: weight.shape, values: by(weight.values, each) });
    tensors.set(`${stem}.bias`, {
      shape: bias.shape,
      values: by(bias.values, 1).map((value, i) => value + (shifts[i] as number)),
    });
    first += count;
  }
}

function channelsOf({ metadata, tensors }: DetailerFile): number {
  const biases = convolutionsOf(metadata.plan).map((stem) => tensors.get(`${stem}.bias`)?.values.length ?? 0);
  return biases.reduce((sum, count) => sum + count, 0);
}

/** Of the pictures that stand behind the file's own, without reading the filters. */
export function notesIn(metadata: Readonly<Record<string, string>>): readonly MemberNote[] {
  const text = metadata[NOTE];
  return text === undefined ? [] : parseNote(text).list;
}

function parseNote(text: string): Note {
  try {
    const note: unknown = JSON.parse(text);
    if (isOf(NoteSchema, note)) return note;
  } catch {
    // No JSON at all is no better than JSON of something else.
  }
  throw damagedStyles();
}

export function damagedStyles(): ImpastoError {
  return new ImpastoError("bad-network", "What was learned of several styles is damaged.", {
    hint: "Take another copy of the file, or learn the styles again.",
  });
}
