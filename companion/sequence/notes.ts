// What a sequence leaves beside its results so that the same command goes on with it: how far it came, from what, and
// what the last frame hands to the next.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { writeFileWhole } from "../files.ts";
import { ErrorSchema } from "../protocol/schemas.ts";

const HeaderSchema = Type.Object({
  version: Type.Literal(1),
  /** Of styles and settings. */
  recipe: Type.String(),
  /** Of the frames so far. */
  frames: Type.String(),
  done: Type.Integer({ minimum: 1 }),
  shots: Type.Integer({ minimum: 0 }),
  /** Of those, the frames that could not be read. */
  missing: Type.Optional(Type.Array(Type.Object({ index: Type.Integer({ minimum: 0 }), error: ErrorSchema }))),
});

export type MissingFrame = NonNullable<Static<typeof HeaderSchema>["missing"]>[number];

export interface Notes extends Static<typeof HeaderSchema> {
  state: Uint8Array;
}

const NOTES_FILE = ".impasto-sequence";
const NEW_LINE = 10;

/** Null where there are none, or damaged ones. */
export async function readNotes(folder: string): Promise<Notes | null> {
  try {
    const bytes = await readFile(join(folder, NOTES_FILE));
    const end = bytes.indexOf(NEW_LINE);
    const header: unknown = JSON.parse(bytes.toString("utf8", 0, end));
    return Value.Check(HeaderSchema, header) ? { ...header, state: bytes.subarray(end + 1) } : null;
  } catch {
    return null;
  }
}

export async function writeNotes(folder: string, { state, ...header }: Notes): Promise<void> {
  await writeFileWhole(join(folder, NOTES_FILE), Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), state]));
}
