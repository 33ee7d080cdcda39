// A kept style as one file: a JPEG of its picture, so that every program shows it, with its name and settings in a segment
// of its own (ITU T.81, APP9), beside what may have been learned of it (companion/learned/style-file.ts).

import { isRecord } from "../../companion/protocol/parsing.ts";
import { parsePartialSettings, type Settings } from "../../companion/protocol/settings.ts";

export const STYLE_FILE_ENDING = ".impasto-style";
const SIGNATURE = "ImpastoStyle\0";
const MARKER = 0xe9;
/** A segment's length is of 16 bits and counts itself. */
const MAX_NOTE_BYTES = 65_533 - SIGNATURE.length;

export interface StyleNote {
  /** Names the style wherever it goes: one that comes back is known again. */
  key: string;
  name: string;
  settings: Partial<Settings>;
}

/** `jpeg`: whole; a note that is in it already is replaced. */
export function putStyleNote(jpeg: Uint8Array, note: StyleNote): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(note)).subarray(0, MAX_NOTE_BYTES);
  const head = new Uint8Array(4 + SIGNATURE.length);
  const length = head.length - 2 + text.length;
  head.set([0xff, MARKER, length >> 8, length & 0xff, ...charsOf(SIGNATURE)]);
  const old = segmentsOf(jpeg).find(({ body }) => isNote(body));
  const rest = old === undefined ? [jpeg.subarray(2)] : [jpeg.subarray(2, old.start), jpeg.subarray(old.end)];
  return join([jpeg.subarray(0, 2), head, text, ...rest]);
}

/** Null for a file with none, or with one that another version wrote. */
export function takeStyleNote(file: Uint8Array): StyleNote | null {
  const body = segmentsOf(file).find((segment) => isNote(segment.body))?.body;
  if (body === undefined) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body.subarray(SIGNATURE.length)));
    if (!isRecord(value) || typeof value.key !== "string" || typeof value.name !== "string") return null;
    return { key: value.key, name: value.name, settings: parsePartialSettings(value.settings) };
  } catch {
    return null;
  }
}

interface Segment {
  start: number;
  end: number;
  body: Uint8Array;
}

/** Up to the picture's own data, or to where the file is no JPEG. */
function segmentsOf(bytes: Uint8Array): Segment[] {
  const segments: Segment[] = [];
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return segments;
  for (let start = 2; start + 4 <= bytes.length && bytes[start] === 0xff; ) {
    const marker = bytes[start + 1] as number;
    const end = start + 2 + (((bytes[start + 2] as number) << 8) | (bytes[start + 3] as number));
    if (marker < 0xc0 || marker === 0xda || end < start + 4 || end > bytes.length) break;
    if (marker === MARKER) segments.push({ start, end, body: bytes.subarray(start + 4, end) });
    start = end;
  }
  return segments;
}

function isNote(body: Uint8Array): boolean {
  return charsOf(SIGNATURE).every((code, at) => body[at] === code);
}

function charsOf(text: string): number[] {
  return [...text].map((character) => character.charCodeAt(0));
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
