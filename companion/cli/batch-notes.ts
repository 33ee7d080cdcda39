// What a batch leaves in its folder until it is done: which batches of the companion work for it, so that the same
// command, given again, takes them up instead of starting them a second time.

import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { writeFileWhole } from "../files.ts";
import type { BatchRequest } from "../protocol/batches.ts";
import { mapShared } from "../protocol/request.ts";
import type { PictureRef } from "../protocol/request-schema.ts";

const NotesSchema = Type.Object({
  version: Type.Literal(1),
  batches: Type.Array(Type.Object({ id: Type.String(), digest: Type.String() })),
});
type Notes = Static<typeof NotesSchema>;

const NOTES_FILE = ".impasto-batch.json";

/** The same for the same styles, masks and settings, whatever the contents. */
export function recipeDigest(request: Omit<BatchRequest, "contents">): string {
  const { styles, protect, settings } = mapShared(request, ({ sha256 }: PictureRef) => sha256);
  return createHash("sha256")
    .update(JSON.stringify([styles, protect, settings]))
    .digest("hex");
}

export async function readNotes(folder: string): Promise<Notes> {
  try {
    const content: unknown = JSON.parse(await readFile(join(folder, NOTES_FILE), "utf8"));
    if (Value.Check(NotesSchema, content)) return content;
  } catch {
    // None, or damaged: then everything that is not there is done again.
  }
  return { version: 1, batches: [] };
}

export async function writeNotes(folder: string, notes: Notes): Promise<void> {
  await writeFileWhole(join(folder, NOTES_FILE), Buffer.from(`${JSON.stringify(notes)}\n`));
}

export async function removeNotes(folder: string): Promise<void> {
  await rm(join(folder, NOTES_FILE), { force: true });
}
