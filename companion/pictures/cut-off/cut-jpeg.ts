// A JPEG that ends too early. Decoders fill what is missing, without saying from where on; two copies that are ended in
// different ways differ from there on.

import { MAX_AREA_PX } from "../../protocol/limits.ts";
import { DECODE_TIMEOUT_SECONDS, sharp } from "../codec.ts";
import { isFrameMarker } from "../headers/jpeg.ts";
import type { CutPicture } from "./cut-picture.ts";

const END = Buffer.from([0xff, 0xd9]);
const START_OF_SCAN = 0xda;
const LAST_COEFFICIENT = 63;
/** Any code whatever, and no marker. */
const FILLER = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 97 + (i >> 3) * 31) % 0xfe));

interface Scan {
  components: number[];
  first: number;
  last: number;
  /** How many bits of each coefficient's end are still to come. */
  missingBits: number;
}

/** Null for one that is whole, or of which nothing is there. */
export async function completeJpeg(jpeg: Uint8Array): Promise<CutPicture | null> {
  const bytes = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  const { components, isProgressive, scans, end } = scansOf(bytes);
  if (end === null || scans.length === 0) return null;
  const there = bytes.subarray(0, end);
  const whole = Buffer.concat([there, END]);
  const rows = sameRows(await grayOf(whole), await grayOf(Buffer.concat([there, FILLER, END])));
  if (!isProgressive) return { bytes: whole, rows, isCoarse: false };
  const ended = rows === 1 ? scans : scans.slice(0, -1);
  const exact = ended.filter(({ missingBits }) => missingBits === 0);
  return { bytes: whole, rows: isCovered(components, ended) ? 1 : 0, isCoarse: !isCovered(components, exact) };
}

/** The share of rows, from the first on, in which the pictures are alike. */
function sameRows(one: Gray, other: Gray): number {
  const { width, height } = one.info;
  const row = ({ data }: Gray, y: number): Buffer => data.subarray(y * width, (y + 1) * width);
  let same = 0;
  while (same < height && row(one, same).equals(row(other, same))) same++;
  return same / height;
}

/** `end`: of the last scan's data; null where the file has its end. Damage ends the list. */
function scansOf(bytes: Buffer) {
  const found = { components: [] as number[], isProgressive: false, scans: [] as Scan[], end: null as number | null };
  let end = bytes.length;
  for (let at = 2; ; ) {
    at = nextMarker(bytes, at);
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xd9) return found;
    const next = at + 2 + (at + 4 <= bytes.length ? bytes.readUInt16BE(at + 2) : bytes.length);
    if (next > bytes.length) return { ...found, end: Math.min(end, at) };
    if (isFrameMarker(marker)) {
      found.isProgressive = [0xc2, 0xc6, 0xca, 0xce].includes(marker);
      found.components = Array.from({ length: bytes[at + 9] ?? 0 }, (_, i) => bytes[at + 10 + 3 * i] ?? 0);
    }
    if (marker === START_OF_SCAN) {
      const count = bytes[at + 4] ?? 0;
      const components = Array.from({ length: count }, (_, i) => bytes[at + 5 + 2 * i] ?? 0);
      found.scans.push({
        components,
        first: bytes[next - 3] ?? 0,
        last: bytes[next - 2] ?? 0,
        missingBits: (bytes[next - 1] ?? 0) & 15,
      });
    }
    at = next;
    end = bytes.length;
  }
}

/** Place of the next 0xff that is neither filling nor within a scan's data; the end where there is none. */
function nextMarker(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const marker = bytes[at + 1] ?? 0xff;
    if (marker !== 0 && marker !== 0xff && !(marker >= 0xd0 && marker <= 0xd7)) return at;
  }
  return bytes[bytes.length - 1] === 0xff ? bytes.length - 1 : bytes.length;
}

/** Of every component, each coefficient is in one of the scans. */
function isCovered(components: readonly number[], scans: readonly Scan[]): boolean {
  return components.every((component) => {
    const own = scans.filter((scan) => scan.components.includes(component));
    return Array.from({ length: LAST_COEFFICIENT + 1 }).every((_, i) =>
      own.some(({ first, last }) => first <= i && i <= last),
    );
  });
}

type Gray = Awaited<ReturnType<typeof grayOf>>;

function grayOf(jpeg: Buffer) {
  const image = sharp(jpeg, { failOn: "error", limitInputPixels: MAX_AREA_PX });
  const gray = image.timeout({ seconds: DECODE_TIMEOUT_SECONDS }).toColourspace("b-w").raw();
  return gray.toBuffer({ resolveWithObject: true });
}
