// biome-ignore-all lint/suspicious/noControlCharactersInRegex: bytes stand for themselves here, in files that are no text.

// What a file is that people take for a network, by how it begins, never by its name, and what to do about it: for the
// command line, the companion and the panel. A pickle is refused unread: opening it could run any program.

/** As much of a file's beginning as tells them apart. */
export const BEGINNING_BYTES = 1024;

/** What program made it, where that tells how to convert it. */
export type Maker = "torch" | "lua-torch" | "keras" | "tensorflow" | "tflite" | "caffe" | "coreml" | "onnx";

interface ForeignKind {
  what: string;
  hint: string;
  begins: RegExp;
  maker?: Maker;
}

const PUBLISHED = "fetch the published one: impasto networks pull vgg19";
const CONVERT = `Save the same network as .safetensors or as Keras' .h5, or ${PUBLISHED}`;
const FROM_TORCH = `Save it in Python with safetensors.torch.save_file, or ${PUBLISHED}`;
const ITSELF = `Download the file itself, or ${PUBLISHED}`;
const UNPACK = `Unpack it and take the .safetensors or .h5 inside, or ${PUBLISHED}`;
const PICTURE = "Pictures go to impasto stylize; here goes a network's file (.safetensors, or Keras' .h5).";
const PICKLE = "a pickle: opening it could run any program, so it is not read";

/** Bytes as Latin-1; `name` in a zip's first entry begins behind 26 bytes of its header and two lengths. */
const FOREIGN: readonly ForeignKind[] = [
  { what: "empty", hint: ITSELF, begins: /^$/ },
  { what: "full of zeros, a download that was never filled", hint: ITSELF, begins: /^\0{64}/ },
  {
    what: "a pointer of Git LFS, not the network itself",
    hint: `Run git lfs pull in its folder, or ${PUBLISHED}`,
    begins: /^version https:\/\/git-lfs/,
  },
  {
    what: "a web page, not the network itself",
    hint: ITSELF,
    begins: /^(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head)/i,
  },
  { what: "an XML file", hint: ITSELF, begins: /^(?:\xef\xbb\xbf)?\s*<\?xml/i },
  { what: "a JSON file, which only describes a network", hint: ITSELF, begins: /^(?:\xef\xbb\xbf)?\s*\{\s*["}]/ },
  {
    what: `PyTorch's (${PICKLE})`,
    maker: "torch",
    hint: FROM_TORCH,
    begins: /^PK\x03\x04.{26}[^\0]{0,200}(?:data\.pkl|constants\.pkl|\/version|byteorder)/s,
  },
  {
    what: "Keras' newer archive (.keras)",
    hint: CONVERT,
    maker: "keras",
    begins: /^PK\x03\x04.{26}(?:metadata|config)\.json/s,
  },
  { what: "an archive of NumPy arrays (.npz)", hint: CONVERT, begins: /^PK\x03\x04.{26}[^\0]{1,200}\.npy/s },
  { what: "a zip archive", hint: UNPACK, begins: /^PK(?:\x03\x04|\x05\x06)/ },
  { what: PICKLE, hint: FROM_TORCH, maker: "torch", begins: /^\x80[\x01-\x05]/ },
  { what: "an archive (gzip)", hint: UNPACK, begins: /^\x1f\x8b/ },
  { what: "an archive", hint: UNPACK, begins: /^(?:7z\xbc\xaf|Rar!\x1a|\xfd7zXZ|BZh\d|\x28\xb5\x2f\xfd)/ },
  { what: "an archive (tar)", hint: UNPACK, begins: /^.{257}ustar/s },
  {
    what: "a network of Lua Torch (.t7)",
    hint: CONVERT,
    maker: "lua-torch",
    begins: /^(?:[\x01-\x08]\0{3}\x01\0{3}|[1-8]\n1\n\d)/,
  },
  { what: "a TensorFlow Lite model", hint: CONVERT, maker: "tflite", begins: /^.{4}TFL3/s },
  { what: "a MATLAB file", hint: CONVERT, begins: /^MATLAB \d/ },
  { what: "a NumPy array", hint: CONVERT, begins: /^\x93NUMPY/ },
  { what: "a language model (GGUF)", hint: CONVERT, begins: /^(?:GGUF|GGML|lmgg|tjgg)/ },
  // Protocol buffers have no mark of their own: the first fields of each.
  { what: "a TensorFlow SavedModel", hint: CONVERT, maker: "tensorflow", begins: /^\x08\x01\x12/ },
  {
    what: "an ONNX model",
    hint: CONVERT,
    maker: "onnx",
    begins: /^\x08[\x02-\x20](?:\x12.[\x20-\x7e]|[\x1a\x22\x3a\x42])/s,
  },
  { what: "a Core ML model", hint: CONVERT, maker: "coreml", begins: /^\x08[\x01-\x20]\x12/ },
  { what: "a TensorFlow graph", hint: CONVERT, maker: "tensorflow", begins: /^\x0a[^\0]{1,2}\x0a/s },
  { what: "a Caffe model (.caffemodel)", hint: CONVERT, maker: "caffe", begins: /^\x0a.[\x20-\x7e]{2,}/s },
  {
    what: "a description of a Caffe network, without its numbers",
    hint: CONVERT,
    begins: /^(?:#[^\n]*\n|\s)*(?:name|layers?|input|input_dim)\s*[:{]/,
  },
  {
    what: "a picture",
    hint: PICTURE,
    begins: /^(?:\x89PNG|\xff\xd8\xff|GIF8|RIFF.{4}WEBP|II\*\0|MM\0\*|8BPS|.{4}ftyp|BM.{4}\0{4})/s,
  },
  { what: "a PDF", hint: ITSELF, begins: /^%PDF/ },
  { what: "a text file", hint: ITSELF, begins: /^[\t\n\r\x20-\x7e]{16}/ },
];

const HDF5_SIGNATURE = "\x89HDF\r\n\x1a\n";

export function isHdf5(beginning: Uint8Array): boolean {
  return text(beginning).startsWith(HDF5_SIGNATURE);
}

/** Eight bytes of length come first, then the header's brace. */
export function isSafetensors(beginning: Uint8Array): boolean {
  return /^.{7}\0\s*\{/s.test(text(beginning));
}

/** @param beginning the file's first BEGINNING_BYTES, or all of it. Null where nothing is known to begin so */
export function foreignNetwork(beginning: Uint8Array): ForeignKind | null {
  const start = text(beginning);
  return FOREIGN.find(({ begins }) => begins.test(start)) ?? null;
}

function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, BEGINNING_BYTES));
}
