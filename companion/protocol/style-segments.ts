// The file of a style that one keeps or learned: a JPEG of its picture, so that every program shows it, with what else
// belongs to the style in segments of its own (ITU T.81, APP9). Here those segments, whatever is in them.

export const STYLE_FILE_ENDING = ".impasto-style";
/** What a segment's body holds at the most: its length is of 16 bits and counts itself. */
export const MAX_SEGMENT_BYTES = 65_533;
const MARKER = 0xe9;

export interface StyleSegment {
  /** From the marker to behind the body. */
  start: number;
  end: number;
  body: Uint8Array;
}

/** What comes before a body of so many bytes. */
export function segmentHead(bodyBytes: number): Uint8Array {
  const length = 2 + bodyBytes;
  return Uint8Array.of(0xff, MARKER, length >> 8, length & 0xff);
}

/** Looks up to the picture's own data, or to where the file is no JPEG. */
export function* styleSegmentsOf(file: Uint8Array): Generator<StyleSegment> {
  if (file[0] !== 0xff || file[1] !== 0xd8) return;
  for (let start = 2; start + 4 <= file.length && file[start] === 0xff; ) {
    const marker = file[start + 1] as number;
    const end = start + 2 + (((file[start + 2] as number) << 8) | (file[start + 3] as number));
    if (marker < 0xc0 || marker === 0xda || end < start + 4 || end > file.length) return;
    if (marker === MARKER) yield { start, end, body: file.subarray(start + 4, end) };
    start = end;
  }
}
