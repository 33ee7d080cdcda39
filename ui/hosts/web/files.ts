// Pictures in and out of the page: picked, dropped, pasted; saved one by one or together.

import type { SourcePicture } from "../../host.ts";
import { looksLikeMask } from "../../masks.ts";
import { encodePng, PICTURE_TYPES, pictureType, toBlob } from "../../pictures.ts";
import { toPicture } from "./samples.ts";
import { zip } from "./zip.ts";

export interface ReadFiles {
  pictures: (SourcePicture & { isMask: boolean })[];
  /** Names of files that are no pictures. */
  refused: string[];
}

export async function readFiles(files: readonly File[]): Promise<ReadFiles> {
  const pictures: ReadFiles["pictures"] = [];
  const refused: string[] = [];
  for (const file of files) {
    try {
      const picture = await toPicture({
        name: file.name.replace(/\.[a-z0-9]+$/i, ""),
        bytes: new Uint8Array(await file.arrayBuffer()),
      });
      // What the browser reads and the engines do not (AVIF, GIF, SVG) goes on as PNG.
      const known = pictureType(picture.bytes) !== null;
      const read = known ? picture : await encodePng(picture, Math.max(picture.width, picture.height));
      pictures.push({ ...read, isMask: await looksLikeMask(read) });
    } catch {
      refused.push(file.name);
    }
  }
  return { pictures, refused };
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
  for (const next of inside.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))) {
    // Systems hide notes of their own among pictures.
    if (!next.name.startsWith(".")) files.push(...(await filesOf(next)));
  }
  return files;
}

/** Asks for pictures; empty when the person chose none. */
export function pickFiles(): Promise<File[]> {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = true;
    input.accept = [...PICTURE_TYPES, "image/*"].join(",");
    input.onchange = () => resolve([...(input.files ?? [])]);
    input.oncancel = () => resolve([]);
    input.click();
  });
}

/** One picture as it is, several as a ZIP. */
export function savePictures(pictures: readonly SourcePicture[]): void {
  const [only] = pictures;
  if (only === undefined) return;
  if (pictures.length === 1) {
    saveBlob(toBlob(only.bytes), fileName(only));
    return;
  }
  const entries = pictures.map((picture, index) => ({
    name: `${String(index + 1).padStart(2, "0")} ${fileName(picture)}`,
    bytes: picture.bytes,
  }));
  saveBlob(new Blob([zip(entries) as Uint8Array<ArrayBuffer>], { type: "application/zip" }), "Impasto.zip");
}

function fileName({ name, bytes }: SourcePicture): string {
  const plain = name.replace(/\.(png|jpe?g|webp)$/i, "").replace(/[\\/:*?"<>|]+/g, "-");
  const ending = { "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp" }[pictureType(bytes) ?? "image/png"];
  return `${plain}.${ending}`;
}

function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
