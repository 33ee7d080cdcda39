// A kept style as one file, with its name and settings in a segment beside what may have been learned of it
// (companion/learned/style-file.ts).

import { isRecord } from "../../companion/protocol/parsing.ts";
import { parsePartialSettings, type Settings } from "../../companion/protocol/settings.ts";
import {
  MAX_SEGMENT_BYTES,
  type StyleSegment,
  segmentHead,
  styleSegmentsOf,
} from "../../companion/protocol/style-segments.ts";

const SIGNATURE = "ImpastoStyle\0";
const MAX_NOTE_BYTES = MAX_SEGMENT_BYTES - SIGNATURE.length;

export interface StyleNote {
  /** Names the style wherever it goes: one that comes back is known again. */
  key: string;
  name: string;
  settings: Partial<Settings>;
}

/** `jpeg`: whole; a note that is in it already is replaced. */
export function putStyleNote(jpeg: Uint8Array, note: StyleNote): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(note)).subarray(0, MAX_NOTE_BYTES);
  const signature = Uint8Array.from(charsOf(SIGNATURE));
  const head = segmentHead(signature.length + text.length);
  const old = noteIn(jpeg);
  const rest = old === undefined ? [jpeg.subarray(2)] : [jpeg.subarray(2, old.start), jpeg.subarray(old.end)];
  return join([jpeg.subarray(0, 2), head, signature, text, ...rest]);
}

/** Null for a file with none, or with one that another version wrote. */
export function takeStyleNote(file: Uint8Array): StyleNote | null {
  const body = noteIn(file)?.body;
  if (body === undefined) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body.subarray(SIGNATURE.length)));
    if (!isRecord(value) || typeof value.key !== "string" || typeof value.name !== "string") return null;
    return { key: value.key, name: value.name, settings: parsePartialSettings(value.settings) };
  } catch {
    return null;
  }
}

function noteIn(file: Uint8Array): StyleSegment | undefined {
  const signature = charsOf(SIGNATURE);
  return [...styleSegmentsOf(file)].find(({ body }) => signature.every((code, at) => body[at] === code));
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
