// Samples that libvips takes for something else than they are: inks without a profile, floats, and samples beside color
// that are no alpha. They are taken as stored, at full size, and made RGB here.

import { KindError } from "./headers/header.ts";
import type { Samples } from "./samples.ts";

/** What stands where in a pixel. */
export interface PixelLayout {
  channels: number;
  /** 1 gray, 3 RGB, 4 CMYK. */
  colorChannels: number;
  alphaAt: number | null;
}

export type StoredSamples = Uint8Array | Uint16Array | Float32Array;

/** Of a picture; more samples beyond white than this are no rounding. */
const MOST_BEYOND_WHITE = 0.01;

/** Copies. Throws KindError for floats that go beyond white. */
export function toRgb(stored: StoredSamples, width: number, height: number, layout: PixelLayout): Samples {
  const { channels, colorChannels, alphaAt } = layout;
  const plane = width * height;
  if (stored.length !== plane * channels) throw new Error(`expected ${plane * channels} samples, got ${stored.length}`);
  if (stored instanceof Float32Array) refuseBeyondWhite(stored, layout);
  const outChannels = alphaAt === null ? 3 : 4;
  const data =
    stored instanceof Uint8Array ? new Uint8Array(plane * outChannels) : new Uint16Array(plane * outChannels);
  const top = stored instanceof Uint8Array ? 255 : 65_535;
  const level =
    stored instanceof Float32Array
      ? (value: number) => Math.round(Math.min(1, Math.max(0, value || 0)) * top)
      : (value: number) => value;
  for (let i = 0; i < plane; i++) {
    const from = i * channels;
    const to = i * outChannels;
    const at = (channel: number) => level(stored[from + channel] as number);
    for (let c = 0; c < 3; c++) {
      if (colorChannels === 4) data[to + c] = Math.round(((top - at(c)) * (top - at(3))) / top);
      else data[to + c] = at(colorChannels === 1 ? 0 : c);
    }
    if (alphaAt !== null) data[to + 3] = at(alphaAt);
  }
  return { width, height, channels: outChannels, data };
}

/** Divides colors by alpha, in place. */
export function unpremultiply(samples: Samples): Samples {
  const { channels, data } = samples;
  if (channels !== 4) return samples;
  const top = data instanceof Uint8Array ? 255 : 65_535;
  for (let i = 0; i < data.length; i += 4) {
    const alpha = (data[i + 3] as number) / top;
    if (alpha === 0) continue;
    for (let c = i; c < i + 3; c++) data[c] = Math.min(top, Math.round((data[c] as number) / alpha));
  }
  return samples;
}

/** 16 … 235 becomes 0 … 255 (ITU-R BT.709 §3.5), in place; alpha stays. */
export function widen(samples: Samples): Samples {
  const { channels, data } = samples;
  const top = data instanceof Uint8Array ? 255 : 65_535;
  const black = (16 / 255) * top;
  for (let i = 0; i < data.length; i++) {
    if (i % channels === 3) continue;
    data[i] = Math.min(top, Math.max(0, Math.round((((data[i] as number) - black) * 255) / 219)));
  }
  return samples;
}

function refuseBeyondWhite(stored: Float32Array, { channels, colorChannels }: PixelLayout): void {
  let beyond = 0;
  for (let i = 0; i < stored.length; i++)
    if (i % channels < colorChannels && (stored[i] as number) > 1.001) beyond += 1;
  if (beyond <= (stored.length / channels) * colorChannels * MOST_BEYOND_WHITE) return;
  throw new KindError(
    "is an HDR picture: its floats go beyond 1, which is white",
    "Tone-map it in an image editor and export a picture of 8 or 16 bits.",
  );
}
