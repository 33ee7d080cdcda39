// Pictures that are ready when the studio opens; samples/CREDITS.md says whose they are.

import type { SourcePicture } from "../../host.ts";
import { decode } from "../../pictures.ts";
import shipwreck from "./samples/shipwreck.jpg";
import starryNight from "./samples/starry-night.jpg";
import theScream from "./samples/the-scream.jpg";
import tubingen from "./samples/tubingen.jpg";

export const SAMPLE_CONTENT = { name: "Neckarfront", bytes: tubingen };
export const SAMPLE_STYLES = [
  { name: "The Starry Night", bytes: starryNight },
  { name: "The Scream", bytes: theScream },
  { name: "The Shipwreck", bytes: shipwreck },
] as const;

/** With its size, which the file alone does not tell. */
export async function toPicture({ name, bytes }: { name: string; bytes: Uint8Array }): Promise<SourcePicture> {
  const bitmap = await decode(bytes, name);
  const { width, height } = bitmap;
  bitmap.close();
  return { bytes, name, width, height };
}
