// What a run is made of, read into a request: the content, the styles with their masks, what is protected.

import { ImpastoError } from "../../companion/protocol/errors.ts";
import type { MaskRole } from "../../companion/protocol/host/roles.ts";
import type { SharedPicturesOf, StyleOf } from "../../companion/protocol/request.ts";
import type { StyleUse } from "../../companion/protocol/style-uses.ts";
import type { Host, ReadOptions, ReadPicture, SourcePicture } from "../host.ts";
import { joinMasks, type MaskPicture } from "../masks.ts";

export interface Input {
  id: string;
  /** Null: it is no layer, but a stored style or a sample. */
  layerId: string | null;
  name: string;
  width: number;
  height: number;
  /** PNG or JPEG; null while it is on its way. */
  thumbnail: Uint8Array | null;
  /** Names of the styles that it is a mix of. */
  members?: readonly string[];
  /** Null: there is nothing to read, a model is the style itself. */
  read: ((options: ReadOptions) => Promise<ReadPicture>) | null;
}

/** One that has a picture. */
export type PictureInput = Input & { read: NonNullable<Input["read"]> };

export function isPicture(input: Input): input is PictureInput {
  return input.read !== null;
}

export interface MaskInput {
  layerId: string;
  name: string;
  role: MaskRole;
  /** What the layer covers counts, whatever its color. */
  byAlpha: boolean;
}

export interface Painting {
  content: PictureInput;
  /** One at least. */
  styles: readonly Input[];
  /** What of each style counts; null: all of it. */
  uses: readonly (StyleUse | null)[];
  masks: readonly MaskInput[];
  keepText: boolean;
}

export interface ReadPainting extends SharedPicturesOf<SourcePicture> {
  content: SourcePicture;
  /** Of the styles. */
  uses: Painting["uses"];
}

/** How many layers are read for it. */
export function countParts({ styles, masks }: Painting): number {
  return 1 + styles.length + masks.length;
}

/** `onRead` is told how many have been read. */
export async function readPainting(
  host: Host,
  { content, styles, uses, masks, keepText }: Painting,
  maxSide: number,
  onRead: (count: number) => void = () => undefined,
): Promise<ReadPainting> {
  let count = 0;
  const counted = async <T>(reading: Promise<T>): Promise<T> => {
    const read = await reading;
    onRead(++count);
    return read;
  };
  const without = masks.map(({ layerId }) => layerId);
  const contentPicture = await counted(content.read({ maxSide, without, keepText }));
  const pictures: SourcePicture[] = [];
  const pictured = styles.filter(isPicture);
  for (const style of pictured) pictures.push(await counted(style.read({ maxSide })));

  async function readMasks(wanted: (role: MaskRole) => boolean, over: Input): Promise<MaskPicture[]> {
    const read: MaskPicture[] = [];
    for (const { layerId, byAlpha, role } of masks) {
      if (!wanted(role)) continue;
      const options = { maxSide, ...(over.layerId !== null && { over: over.layerId }) };
      read.push({ picture: await counted(host.readPicture(layerId, options)), byAlpha });
    }
    return read;
  }

  const parts: StyleOf<SourcePicture>[] = [];
  for (const [index, picture] of pictures.entries()) {
    const isOf = (kind: MaskRole["kind"]) => (role: MaskRole) =>
      role.kind === kind && "style" in role && Math.min(role.style, pictured.length - 1) === index;
    const region = await joinMasks(await readMasks(isOf("region"), content), contentPicture, maxSide);
    const source = await joinMasks(await readMasks(isOf("source"), pictured[index] as Input), picture, maxSide);
    parts.push({ picture, weight: 1, ...(region && { region }), ...(source && { source }) });
  }
  const protectedParts = await readMasks(({ kind }) => kind === "protect", content);
  for (const id of contentPicture.protectIds ?? []) {
    const over = content.layerId as string;
    protectedParts.push({ picture: await host.readPicture(id, { maxSide, over }), byAlpha: true });
  }
  const protect = await joinMasks(protectedParts, contentPicture, maxSide);
  return { content: contentPicture, styles: parts, uses, ...(protect && { protect }) };
}

/** Throws ImpastoError when something is missing. */
export function complete(painting: Painting | null): Painting {
  if (painting !== null) return painting;
  throw new ImpastoError("bad-request", "Select two layers first.");
}
