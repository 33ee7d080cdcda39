// The pictures of a painting, read once for the same layers, whatever is set meanwhile: reading makes the host work. What
// estimates and previews asks here; a run reads what is there when it starts.

import type { Host } from "../host.ts";
import { type Painting, type ReadPainting, readPainting } from "./painting.ts";

export type ReadOnce = (painting: Painting, maxSide: number) => Promise<ReadPainting>;

/** What two readings have in common when their layers are the same. */
export function paintingKey({ content, styles, uses, masks, keepText }: Painting): string {
  const ids = [content, ...styles].map(({ id, width, height }) => [id, width, height]);
  return JSON.stringify([ids, uses, masks, keepText]);
}

export function createReadOnce(host: Host): ReadOnce {
  let latest: { key: string; reading: Promise<ReadPainting> } | null = null;
  return (painting, maxSide) => {
    const key = `${maxSide} ${paintingKey(painting)}`;
    if (latest?.key === key) return latest.reading;
    const reading = readPainting(host, painting, maxSide);
    const mine = { key, reading };
    latest = mine;
    reading.catch(() => {
      if (latest === mine) latest = null;
    });
    return reading;
  };
}
