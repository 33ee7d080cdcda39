// The pictures of a run, read from where they were chosen, and what a result layer remembers of them.

import type { LayerRecipe } from "../../companion/protocol/host/layer-types.ts";
import type { Settings } from "../../companion/protocol/settings.ts";
import { layersOfUse } from "../../companion/protocol/style-uses.ts";
import type { EngineRequest } from "../engines/style-engine.ts";
import type { Surface } from "../host.ts";
import { complete, type Painting, type ReadPainting, readPainting } from "./painting.ts";
import { styleKey } from "./stored-styles.ts";
import { readSide, type WorkParts } from "./work-parts.ts";

export interface RunSources extends ReadPainting {
  styleName: string;
  /** Null: a model is the style. */
  styleKey: string | null;
  /** Settings that are none of a person's here. */
  fixed?: Partial<Settings>;
  /** A texture's: what its tile is for. */
  surface?: Omit<Surface, "tile" | "name">;
  made: Pick<LayerRecipe, "contentId" | "styleId" | "styleUse" | "moreStyles" | "masks" | "keepText">;
}

/** `onRead` is told how many layers have been read. Throws ImpastoError. */
export async function readSources(
  { host, inputs, styles }: WorkParts,
  settings: Settings,
  onRead: (count: number) => void,
): Promise<RunSources> {
  const painting = complete(inputs.painting.value);
  const read = await readPainting(host, painting, readSide(settings), onRead);
  const sources = toSources(painting, read);
  // In the background: shrinking the picture for the next time must not hold up this run.
  for (const { picture } of read.styles.slice(0, 1)) void styles.remember(picture);
  return sources;
}

export function toSources({ content, styles, uses, masks, keepText }: Painting, read: ReadPainting): RunSources {
  const [first, ...others] = styles;
  const picture = read.styles[0]?.picture;
  if (first === undefined) throw new Error("a painting has a style");
  return {
    ...read,
    styleName: picture?.name ?? first.name,
    styleKey: picture === undefined ? null : styleKey(picture),
    made: {
      contentId: content.id,
      styleId: first.layerId,
      ...(uses[0] && { styleUse: uses[0] }),
      moreStyles: others.flatMap(({ layerId, name }, i) => {
        const use = uses[i + 1];
        return layerId === null ? [] : [{ layerId, name, ...(use && { use }) }];
      }),
      masks,
      keepText,
    },
  };
}

export function toRequest(
  { content, styles, uses, protect, fixed }: ReadPainting & Pick<RunSources, "fixed">,
  settings: Settings,
): EngineRequest {
  const inPart = styles.map((style, i) => {
    const use = uses[i];
    return use ? { ...style, layers: layersOfUse(use, settings.styleLayers) } : style;
  });
  return { content, styles: inPart, ...(protect && { protect }), settings: { ...settings, ...fixed } };
}
