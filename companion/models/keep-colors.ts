// "Keep mine": the content's colors under the painted light and dark, as in native/image/color.cc.

import type { Planes } from "./pixels.ts";

const LUMA = [0.299, 0.587, 0.114] as const;

/** RGB differs from Y only by I and Q: exchanging Y adds the same amount to each channel. Clipped to 0 … 1. */
export function keepColors(content: Planes, painted: Planes): Planes {
  const plane = content.width * content.height;
  const data = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    let change = 0;
    for (let channel = 0; channel < 3; channel++) {
      const place = channel * plane + i;
      change += (LUMA[channel] as number) * ((painted.data[place] as number) - (content.data[place] as number));
    }
    for (let place = i; place < 3 * plane; place += plane) {
      data[place] = Math.min(1, Math.max(0, (content.data[place] as number) + change));
    }
  }
  return { ...content, data };
}
