// The kinds of pictures that are read and written: one list for the command line, batches, the companion and the panel.

export const INPUT_FORMATS = ["png", "jpeg", "webp", "avif", "heic", "tiff"] as const;
export type InputFormat = (typeof INPUT_FORMATS)[number];

export interface PictureKind {
  /** As people call it. */
  label: string;
  /** Of files, in lower case, without the dot. */
  extensions: readonly string[];
}

export const PICTURE_KINDS: Readonly<Record<InputFormat, PictureKind>> = {
  png: { label: "PNG", extensions: ["png", "apng"] },
  jpeg: { label: "JPEG", extensions: ["jpg", "jpeg", "jpe", "jfif"] },
  webp: { label: "WebP", extensions: ["webp"] },
  avif: { label: "AVIF", extensions: ["avif"] },
  heic: { label: "HEIC", extensions: ["heic", "heif", "hif"] },
  tiff: { label: "TIFF", extensions: ["tif", "tiff"] },
};

export const PICTURE_EXTENSIONS: readonly string[] = INPUT_FORMATS.flatMap(
  (format) => PICTURE_KINDS[format].extensions,
);

/** "PNG, JPEG, WebP, AVIF, HEIC and TIFF" */
export const READ_KINDS = INPUT_FORMATS.map((format) => PICTURE_KINDS[format].label)
  .join(", ")
  .replace(/, ([^,]*)$/, " and $1");

export const OUTPUT_FORMATS = ["png", "jpeg", "webp", "tiff"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** What a sent picture is called in a refusal: its name does not travel with it, and the sender puts it there. */
export const SENT_FILE = "The file";
