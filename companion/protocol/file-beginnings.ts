// biome-ignore-all lint/suspicious/noControlCharactersInRegex: bytes stand for themselves here, in files that are no text.

// What a file is by how it begins: formats that people try and that are not read, only to call them by their name. For
// the command line, the companion and the panel, which each take other kinds and so know another remedy.

/** Of camera raw; no other format begins so. Those that begin as a TIFF are told by their tags, or by the name's end. */
const CAMERA_RAW: { name: string; begins: RegExp }[] = [
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

// "-{2}": the panel's script stands in a page, where a comment's beginning would be escaped.
const FOREIGN: { name: string; begins: RegExp }[] = [
  { name: "a GIF", begins: /^GIF8/ },
  { name: "a PDF", begins: /^%PDF/ },
  { name: "an SVG", begins: /^(?:\u{feff}|\u{ef}\u{bb}\u{bf})?\s*(?:<\?xml|<!-{2}|<svg|<!DOCTYPE svg)/iu },
  { name: "a Photoshop file", begins: /^8BPS/ },
  { name: "a JPEG 2000 picture", begins: /^(?:\0{3}.jP {2}|\xff\x4f\xff\x51)/s },
  { name: "an OpenEXR picture (HDR)", begins: /^v\/1./s },
  { name: "a Radiance picture (HDR)", begins: /^#\?(?:RADIANCE|RGBE)/ },
  { name: "an Illustrator or PostScript file", begins: /^%!PS/ },
  { name: "a web page", begins: /^(?:\u{feff}|\u{ef}\u{bb}\u{bf})?\s*<(?:!DOCTYPE html|html)/iu },
  { name: "a pointer of Git LFS, not the picture itself", begins: /^version https:\/\/git-lfs/ },
  { name: "a video", begins: /^(?:.{4}ftyp(?:isom|mp4|qt {2}|iso|M4V)|.E\xdf\xa3)/s },
  { name: "a JPEG XL picture", begins: /^(?:\xff\n|.{4}JXL )/s },
  { name: "a Windows bitmap", begins: /^BM.{12}[()lx|\f@]\0{3}/s },
  { name: "an icon or a pointer of Windows", begins: /^\0\0[^\0]\0[^\0]\0/ },
  { name: "an icon of macOS", begins: /^icns/ },
  {
    name: "what macOS keeps beside a file on foreign disks, not the picture itself",
    begins: /^\0.{3}\0.\0\0Mac OS X/s,
  },
  { name: "a Figma file", begins: /^fig-/ },
  { name: "an Affinity file", begins: /^\0\xffKA/ },
  { name: "a GIMP file", begins: /^gimp xcf/ },
  { name: "a Clip Studio file", begins: /^CSFCHUNK/ },
  { name: "a Krita file", begins: /^PK.{28,42}mimetypeapplication\/x-krita/s },
  { name: "a zip archive, or the file of a program that packs its files so", begins: /^PK[^ -~]{2}/ },
  { name: "a gzip archive", begins: /^[^ -~]\x8b[\b]/ },
  { name: "a FLIF picture", begins: /^FLIF/ },
  { name: "a PCX picture", begins: /^\n[\0-\x05]\x01[\x01\x02\x04\b]/ },
  { name: "a FITS picture", begins: /^SIMPLE {2}=/ },
  { name: "a DICOM picture", begins: /^.{128}DICM/s },
  { name: "a Windows metafile", begins: /^(?:\xd7\xcd\xc6\x9a|\x01\0{3}.{36} EMF)/s },
  { name: "text in UTF-16, not a picture", begins: /^(?:\xff\xfe|\xfe\xff)/ },
  { name: "an answer of a web server with its headers", begins: /^HTTP\/[\d.]+ \d{3}/ },
  { name: "a portable bitmap", begins: /^P[1-7Ff][\s#]/ },
  { name: "a DirectDraw texture", begins: /^DDS / },
  { name: "a QOI picture", begins: /^qoif/ },
  { name: "a JPEG XR picture", begins: /^II\xbc/ },
  {
    name: "a PNG that was copied as text, which damages it",
    begins: /^(?:\x89PNG(?:\n|\r\n[^\n]\r|\r[^\n])|(?:\ufffd|\xef\xbf\xbd|\xc2\x89|\t)?PNG[\r\n])/,
  },
  { name: "a video", begins: /^RIFF.{4}AVI /s },
  { name: "a sound", begins: /^(?:ID3|RIFF.{4}WAVE)/s },
  { name: "a program", begins: /^(?:MZ|\x7fELF)/ },
  { name: "nothing but zeros, as a copy leaves that was broken off", begins: /^\0{256}/ },
  // Has no mark of its own: a kind, how it is packed, and its bits.
  { name: "a Targa picture", begins: /^.[\0\x01][\x01-\x03\t-\x0b].{13}[\b\x0f\x10\x18 ][\0-?]/s },
  { name: "text, not a picture", begins: /^[\t\n\r -~]{4,}$/ },
];

/** Read by the companion and the command line, not by browsers. */
const UNSHOWN: { name: string; begins: RegExp }[] = [
  { name: "a HEIC picture", begins: /^.{4}ftyp(?:hei[cxms]|hev[cxms]|mif[12]|msf1)/s },
  { name: "a TIFF", begins: /^(?:II[*+]\0|MM\0[*+])/ },
];
const RAW_ENDINGS = /\.(?:nef|nrw|dng|arw|srf|sr2|pef|srw|3fr|dcr|kdc|erf|mos|iiq|cr2)$/i;

/** As much of a file as its first 512 bytes tell, one character a byte. */
export function beginningOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 512));
}

/** "Canon CR2"; null for what begins as no camera's file does. */
export function cameraRawKind(beginning: string): string | null {
  return CAMERA_RAW.find(({ begins }) => begins.test(beginning))?.name ?? null;
}

/** "a PDF"; null for what nobody here knows by its beginning. */
export function foreignKind(beginning: string): string | null {
  return FOREIGN.find(({ begins }) => begins.test(beginning))?.name ?? null;
}

export interface NamedKind {
  /** Follows "is". */
  what: string;
  isCameraRaw: boolean;
  isReadByCompanion: boolean;
}

/**
 * What a browser that reads it not was given.
 * @param name of the file; its end tells apart what begins alike
 */
export function kindForBrowser(bytes: Uint8Array, name: string): NamedKind | null {
  const beginning = beginningOf(bytes);
  const raw = cameraRawKind(beginning);
  if (raw !== null) return { what: cameraRaw(raw), isCameraRaw: true, isReadByCompanion: false };
  const foreign = foreignKind(beginning);
  if (foreign !== null) return { what: foreign, isCameraRaw: false, isReadByCompanion: false };
  const unshown = UNSHOWN.find(({ begins }) => begins.test(beginning));
  if (unshown === undefined) return null;
  const [ending] = RAW_ENDINGS.exec(name) ?? [];
  if (ending === undefined) return { what: unshown.name, isCameraRaw: false, isReadByCompanion: true };
  return { what: cameraRaw(ending.slice(1).toUpperCase()), isCameraRaw: true, isReadByCompanion: false };
}

export function cameraRaw(kind: string): string {
  return `a camera raw file (${kind})`;
}

/** @param wanted "a TIFF or JPEG" */
export function cameraRawRemedy(wanted: string): string {
  return `Develop it in the camera's own software, Lightroom, Capture One or darktable, and export ${wanted}.`;
}
