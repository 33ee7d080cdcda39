// The little that is needed of ICC profiles (ICC.1): whether one is sRGB, and one to embed.

import { sharp } from "./codec.ts";

const HEADER_BYTES = 128;
const TAG_BYTES = 12;

/** True for profiles that call themselves sRGB: their pictures need no conversion, so none that could lose bits. */
export function isSrgbProfile(profile: Uint8Array): boolean {
  const description = readDescription(profile);
  return /srgb/i.test(description) && !/linear|scrgb/i.test(description);
}

let srgb: Promise<Uint8Array> | undefined;

/** The sRGB profile that libvips carries (480 bytes). */
export function srgbProfile(): Promise<Uint8Array> {
  srgb ??= readBuiltIn();
  return srgb;
}

async function readBuiltIn(): Promise<Uint8Array> {
  const pixel = sharp({ create: { width: 1, height: 1, channels: 3, background: "black" } });
  const png = await pixel.withIccProfile("srgb").png().toBuffer();
  const { icc } = await sharp(png).metadata();
  if (icc === undefined) throw new Error("libvips embedded no sRGB profile");
  return icc;
}

/** The text of the `desc` tag, in whatever encoding: NUL bytes of UTF-16 are dropped. */
function readDescription(profile: Uint8Array): string {
  const view = new DataView(profile.buffer, profile.byteOffset, profile.byteLength);
  if (profile.byteLength < HEADER_BYTES + 4) return "";
  const count = view.getUint32(HEADER_BYTES);
  for (let i = 0; i < count; i++) {
    const entry = HEADER_BYTES + 4 + i * TAG_BYTES;
    if (entry + TAG_BYTES > profile.byteLength) return "";
    if (view.getUint32(entry) !== 0x64657363) continue;
    const start = view.getUint32(entry + 4);
    const text = profile.subarray(start, start + Math.min(view.getUint32(entry + 8), 512));
    return String.fromCharCode(...text).replaceAll("\0", "");
  }
  return "";
}
