// The sRGB profile that results carry.

import { sharp } from "./codec.ts";

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
