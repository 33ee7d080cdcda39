// The kinds of pictures that are read and written: one list for the command line, batches, the companion and the panel.

export const INPUT_FORMATS = ["png", "jpeg", "webp", "avif", "heic", "tiff"] as const;
export type InputFormat = (typeof INPUT_FORMATS)[number];

export interface PictureKind {
  /** As people call it. */
  label: string;
  mediaType: string;
  /** Of files, in lower case, without the dot. */
  extensions: readonly string[];
}

export const PICTURE_KINDS: Readonly<Record<InputFormat, PictureKind>> = {
  png: { label: "PNG", mediaType: "image/png", extensions: ["png", "apng"] },
  jpeg: { label: "JPEG", mediaType: "image/jpeg", extensions: ["jpg", "jpeg", "jpe", "jfif"] },
  webp: { label: "WebP", mediaType: "image/webp", extensions: ["webp"] },
  avif: { label: "AVIF", mediaType: "image/avif", extensions: ["avif"] },
  heic: { label: "HEIC", mediaType: "image/heic", extensions: ["heic", "heif", "hif"] },
  tiff: { label: "TIFF", mediaType: "image/tiff", extensions: ["tif", "tiff"] },
};

export const PICTURE_EXTENSIONS: readonly string[] = INPUT_FORMATS.flatMap(
  (format) => PICTURE_KINDS[format].extensions,
);

/** "PNG, JPEG, WebP, AVIF, HEIC and TIFF" */
export const READ_KINDS = labelsOf(INPUT_FORMATS, "and");

/** What goes from a panel as it is: browsers, editors and the companion read them all. */
export const PANEL_FORMATS = ["png", "jpeg", "webp"] as const;
export type PanelFormat = (typeof PANEL_FORMATS)[number];

/** "PNG, JPEG or WebP" */
export const PANEL_KINDS = labelsOf(PANEL_FORMATS, "or");

function labelsOf(formats: readonly InputFormat[], last: string): string {
  const labels = formats.map((format) => PICTURE_KINDS[format].label);
  return `${labels.slice(0, -1).join(", ")} ${last} ${labels.at(-1)}`;
}

export const OUTPUT_FORMATS = ["png", "jpeg", "webp", "tiff"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** What a sent picture is called in a refusal: its name does not travel with it, and the sender puts it there. */
export const SENT_FILE = "The file";
