// Pictures in and out of the page: picked, dropped, pasted; saved one by one or together.

import { byName } from "../../../companion/protocol/by-name.ts";
import type { NotedPicture } from "../../../companion/protocol/client.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { kindForBrowser } from "../../../companion/protocol/file-beginnings.ts";
import { INPUT_FORMATS, PICTURE_KINDS } from "../../../companion/protocol/picture-kinds.ts";
import { STYLE_FILE_ENDING } from "../../../companion/protocol/style-segments.ts";
import type { SourceFile } from "../../engines/style-engine.ts";
import { pickFiles, plainFileName, saveFile } from "../../files.ts";
import type { SourcePicture } from "../../host.ts";
import { looksLikeMask } from "../../masks.ts";
import { encodePng, panelFormat, toBlob } from "../../pictures.ts";
import { toPicture } from "./samples.ts";
import { zip } from "./zip.ts";

export interface ReadFiles {
  pictures: (SourcePicture & { isMask: boolean })[];
  /** What a person should know of them. */
  notes: string[];
  /** Why the others are none. */
  refused: ImpastoError[];
}

/** A file as a picture that the browser reads. Null: as it did not. */
export type Convert = (file: SourceFile) => Promise<NotedPicture | null>;

export async function readFiles(files: readonly File[], convert: Convert | null): Promise<ReadFiles> {
  const pictures: ReadFiles["pictures"] = [];
  const notes: string[] = [];
  const refused: ImpastoError[] = [];
  for (const file of files) {
    try {
      const given = { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
      const { picture, notes: told } = await openFile(given, convert);
      notes.push(...told.map((note) => `“${file.name}” ${note}.`));
      picture.name = file.name.replace(/\.[a-z0-9]+$/i, "");
      // What the browser reads and the engines do not (GIF, SVG) goes on as PNG, as does AVIF.
      const known = panelFormat(picture.bytes) !== null;
      const read = known ? picture : await encodePng(picture, Math.max(picture.width, picture.height));
      pictures.push({ ...read, isMask: await looksLikeMask(read) });
    } catch (error) {
      refused.push(asError(file.name, error));
    }
  }
  return { pictures, notes, refused };
}

async function openFile(file: SourceFile, convert: Convert | null) {
  try {
    return { picture: await toPicture(file), notes: [] };
  } catch (error) {
    const converted = kindForBrowser(file.bytes, file.name)?.isReadByCompanion ? await convert?.(file) : null;
    if (!converted) throw error;
    return { picture: await toPicture({ ...file, bytes: converted.bytes }), notes: converted.notes };
  }
}

/** A file that went away, or that the browser may not read. */
function asError(name: string, cause: unknown): ImpastoError {
  if (cause instanceof ImpastoError) return cause;
  return new ImpastoError("file-not-readable", `“${name}” can not be read.`, { cause });
}

/** What was dropped; of folders all that lies in them, by name. To be called while the event is handled. */
export async function droppedFiles({ items }: DataTransfer): Promise<File[]> {
  // Items are gone once the event is over; their entries stay.
  const dropped = [...items].map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const files: File[] = [];
  for (const one of dropped) {
    if (one instanceof File) files.push(one);
    else if (one !== null) files.push(...(await filesOf(one)));
  }
  return files;
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inside: FileSystemEntry[] = [];
  let some: FileSystemEntry[];
  do {
    // A hundred at a time.
    some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    inside.push(...some);
  } while (some.length > 0);
  const files: File[] = [];
  for (const next of inside.sort(byName)) {
    // Systems hide notes of their own among pictures.
    if (!next.name.startsWith(".")) files.push(...(await filesOf(next)));
  }
  return files;
}

/** Asks for pictures; empty when the person chose none. Systems give them in orders of their own. */
export async function pickPictures(): Promise<File[]> {
  // Systems that do not know HEIC would hide it behind image/*.
  const endings = INPUT_FORMATS.flatMap((format) => PICTURE_KINDS[format].extensions.map((ending) => `.${ending}`));
  return (await pickFiles(["image/*", ...endings, STYLE_FILE_ENDING])).sort(byName);
}

/** One picture as it is, several as a ZIP. */
export function savePictures(pictures: readonly SourcePicture[]): void {
  const [only] = pictures;
  if (only === undefined) return;
  if (pictures.length === 1) {
    saveFile(toBlob(only.bytes), fileName(only));
    return;
  }
  const entries = pictures.map((picture, index) => ({
    name: `${String(index + 1).padStart(2, "0")} ${fileName(picture)}`,
    bytes: picture.bytes,
  }));
  saveFile(new Blob([zip(entries) as Uint8Array<ArrayBuffer>], { type: "application/zip" }), "Impasto.zip");
}

function fileName({ name, bytes }: SourcePicture): string {
  const plain = plainFileName(name.replace(/\.(png|jpe?g|webp)$/i, ""));
  const [ending] = PICTURE_KINDS[panelFormat(bytes) ?? "png"].extensions;
  return `${plain}.${ending}`;
}
