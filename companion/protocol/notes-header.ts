// What a person should know of a picture that comes as an answer: beside its bytes, as a header, which holds Latin alone.

import { Type } from "typebox";
import { Check } from "typebox/value";

export const NOTES_HEADER = "Impasto-Notes";

const Notes = Type.Array(Type.String());

export function wordNotes(notes: readonly string[]): string {
  return encodeURIComponent(JSON.stringify(notes));
}

/** Of an answer without any, and of what nobody understands: none. */
export function readNotes(header: string | null): string[] {
  if (header === null) return [];
  try {
    const notes: unknown = JSON.parse(decodeURIComponent(header));
    return Check(Notes, notes) ? notes : [];
  } catch {
    return [];
  }
}
