// Images of the stand-in document: the formats and the 4096 px limit of figma.createImage.

export interface StoredImage {
  bytes: Uint8Array;
  width: number;
  height: number;
  mime: string;
}

const MAX_SIDE = 4096;

/** Throws what Figma throws: for other formats, and above 4096 px a side. */
export function readImage(bytes: Uint8Array): StoredImage {
  const size = pngSize(bytes) ?? gifSize(bytes) ?? jpegSize(bytes);
  if (size === null) throw new Error("Image type is unsupported");
  if (size.width > MAX_SIDE || size.height > MAX_SIDE) throw new Error("Image is too large");
  return { bytes, ...size };
}

/** Stable name of the content (FNV-1a in four lanes): enough to tell pictures apart in a test. */
export function hashBytes(bytes: Uint8Array): string {
  const lanes = [0x811c9dc5, 0x1000193, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35].map((seed, lane) => {
    let hash = seed;
    for (let i = lane; i < bytes.length; i += 1 + lane) hash = Math.imul(hash ^ (bytes[i] as number), 0x1000193);
    return ((hash ^ bytes.length) >>> 0).toString(16).padStart(8, "0");
  });
  return lanes.join("");
}

type Sized = { width: number; height: number; mime: string } | null;

function startsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function pngSize(bytes: Uint8Array): Sized {
  if (!startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) || bytes.length < 33) return null;
  return { width: view(bytes).getUint32(16), height: view(bytes).getUint32(20), mime: "image/png" };
}

function gifSize(bytes: Uint8Array): Sized {
  if (!startsWith(bytes, [0x47, 0x49, 0x46, 0x38]) || bytes.length < 10) return null;
  return { width: view(bytes).getUint16(6, true), height: view(bytes).getUint16(8, true), mime: "image/gif" };
}

function jpegSize(bytes: Uint8Array): Sized {
  if (!startsWith(bytes, [0xff, 0xd8, 0xff])) return null;
  for (let at = 2; at + 9 < bytes.length; ) {
    const marker = bytes[at + 1] as number;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      return { width: view(bytes).getUint16(at + 7), height: view(bytes).getUint16(at + 5), mime: "image/jpeg" };
    }
    at += 2 + view(bytes).getUint16(at + 2);
  }
  return null;
}
