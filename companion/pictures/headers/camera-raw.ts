// Camera raw files, told by how they begin and by the tags of those that are TIFFs inside: such a file shows a small
// preview to whoever takes it for a TIFF, and the wrong picture is worse than none.

import { cameraRaw, cameraRawKind, cameraRawRemedy } from "../../protocol/file-beginnings.ts";
import { KindError } from "./header.ts";

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
export function refuseRawBeginning(beginning: string): void {
  const kind = cameraRawKind(beginning);
  if (kind !== null) throw rawError(kind);
}

function rawError(kind: string): KindError {
  return new KindError(`is ${cameraRaw(kind)}`, cameraRawRemedy("a TIFF or JPEG"));
}

/** @param make as the file names its camera's maker; may be empty */
export function rawErrorOfMaker(make: string): KindError {
  return rawError(MAKERS.find((one) => one.make.test(make))?.name ?? (make === "" ? "of a kind of its own" : make));
}
