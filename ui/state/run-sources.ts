// The two pictures of a run, read from where they were chosen.

import { ImpastoError } from "../../companion/protocol/errors.ts";
import type { Settings } from "../../companion/protocol/settings.ts";
import type { EngineRequest } from "../engines/style-engine.ts";
import type { SourcePicture } from "../host.ts";
import { styleKey } from "./stored-styles.ts";
import { readSide, type WorkParts } from "./work-parts.ts";

export interface RunSources {
  content: SourcePicture;
  style: SourcePicture;
  contentId: string;
  /** Null: the style is no layer. */
  styleId: string | null;
  styleKey: string;
}

/** `onRead` is told how many of the two have been read. */
export async function readSources(
  { inputs, styles }: WorkParts,
  settings: Settings,
  onRead: (count: number) => void,
): Promise<RunSources> {
  const content = inputs.content.value;
  const style = inputs.style.value;
  if (content === null || style === null) throw new ImpastoError("bad-request", "Select two layers first.");
  const side = readSide(settings);
  const contentPicture = await content.read(side);
  onRead(1);
  const stylePicture = await style.read(side);
  onRead(2);
  // In the background: shrinking the picture for the next time must not hold up this run.
  void styles.remember(stylePicture);
  return {
    content: contentPicture,
    style: stylePicture,
    contentId: content.id,
    styleId: style.layerId,
    styleKey: styleKey(stylePicture),
  };
}

export function toRequest(read: RunSources, settings: Settings): EngineRequest {
  return { content: read.content, styles: [{ picture: read.style, weight: 1 }], settings };
}
