// Camera raw files, told by how they begin and by the tags of those that are TIFFs inside: such a file shows a small
// preview to whoever takes it for a TIFF, and the wrong picture is worse than none.

import { type ByteReader, KindError } from "./header.ts";

/** Beginnings that no other format has. */
const SIGNATURES: { name: string; begins: RegExp }[] = [
  { name: "Canon CR2", begins: /^(?:II\*\0|MM\0\*).{4}CR/s },
  { name: "Canon CR3", begins: /^.{4}ftypcrx /s },
  { name: "Canon CRW", begins: /^II.{4}HEAPCCDR/s },
  { name: "Olympus ORF", begins: /^(?:II|MM)(?:RO|RS|OR)/ },
  { name: "Panasonic RW2", begins: /^IIU\0/ },
  { name: "Fujifilm RAF", begins: /^FUJIFILMCCD-RAW/ },
  { name: "Minolta MRW", begins: /^\0MRM/ },
  { name: "Sigma X3F", begins: /^FOVb/ },
  { name: "Phase One IIQ", begins: /^(?:II\*\0|MM\0\*).{4}(?:IIII|MMMM)/s },
];

/** By the maker's name in the file. */
const MAKERS: { make: RegExp; name: string }[] = [
  { make: /nikon/i, name: "Nikon NEF" },
  { make: /canon/i, name: "Canon" },
  { make: /sony/i, name: "Sony ARW" },
  { make: /olympus|om digital/i, name: "Olympus ORF" },
  { make: /panasonic|leica/i, name: "Panasonic RW2" },
  { make: /pentax|ricoh/i, name: "Pentax PEF" },
  { make: /samsung/i, name: "Samsung SRW" },
  { make: /hasselblad/i, name: "Hasselblad 3FR" },
  { make: /kodak/i, name: "Kodak DCR" },
  { make: /epson/i, name: "Epson ERF" },
  { make: /mamiya|leaf|phase one/i, name: "Leaf MOS" },
];

/** Throws KindError for a beginning that is a camera's. */
export function refuseRawBeginning(reader: ByteReader): void {
  const start = reader.ascii(0, Math.min(reader.length, 16));
  const found = SIGNATURES.find(({ begins }) => begins.test(start));
  if (found !== undefined) throw rawError(found.name);
}

export function rawError(name: string): KindError {
  return new KindError(
    `is a camera raw file (${name})`,
    "Develop it in the camera's own software, Lightroom, Capture One or darktable, and export a TIFF or JPEG.",
  );
}

/** @param make as the file names its camera's maker; may be empty */
export function rawErrorOfMaker(make: string): KindError {
  return rawError(MAKERS.find((one) => one.make.test(make))?.name ?? (make === "" ? "of a kind of its own" : make));
}
