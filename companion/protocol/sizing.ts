// How large things are: the result, the pictures it is made from, and what quality means in pixels and iterations.
// Every engine and everybody who reads pictures for one asks here.

import { contentTermsOf, heldTimes } from "./content-terms.ts";
import { MIN_SIDE_PX } from "./limits.ts";
import { isMaskRole, type PictureRole } from "./request.ts";
import {
  type ContentLoss,
  DRAFT_ITERATIONS,
  type Method,
  MIDDLE_ITERATIONS,
  QUALITIES,
  SETTINGS,
  type Settings,
  type StyleLoss,
} from "./settings.ts";
import { detailShare, draftStyleToContentRatio, polishStyleToContentRatio, styleToContentRatio } from "./strength.ts";
import { parseTerms, type Term } from "./terms.ts";

export interface Size {
  width: number;
  height: number;
}

export function longSide({ width, height }: Size): number {
  return Math.max(width, height);
}

/** The same aspect with the given long side. */
export function withLongSide(size: Size, side: number): Size {
  const factor = side / longSide(size);
  return {
    width: Math.max(1, Math.round(size.width * factor)),
    height: Math.max(1, Math.round(size.height * factor)),
  };
}

/** The long side that the settings ask for, whatever the content has. */
export function wantedSide({ size, quality, model }: SizeSettings): number {
  return size ?? (model === null ? QUALITIES[quality] : QUALITIES.quick).size;
}

type SizeSettings = Pick<Settings, "size" | "quality" | "model">;

/** Long side of the result: the quality's never exceeds the content's own, a size given by hand may. */
export function resultSide(content: Size, settings: SizeSettings): number {
  return settings.size ?? Math.min(wantedSide(settings), longSide(content));
}

export function resultSize(content: Size, settings: SizeSettings): Size {
  return withLongSide(content, resultSide(content, settings));
}

/** Long side of a picture that is made no longer than `side`: never enlarged, its short side kept at MIN_SIDE_PX. */
export function shrunkSide(picture: Size, side: number): number {
  const smallest = Math.ceil((MIN_SIDE_PX * longSide(picture)) / Math.min(picture.width, picture.height));
  return Math.min(Math.max(smallest, side), longSide(picture));
}

/** A style beside a result: scaled by styleScale relative to it. */
export function styleSize(style: Size, result: Size, styleScale: number): Size {
  return withLongSide(style, shrunkSide(style, styleSide(longSide(result), styleScale)));
}

/** Long side at which a picture of a request is decoded: what the finest scale needs of it and no more. */
export function decodeSide(role: PictureRole, content: Size, settings: Settings): number {
  const side = resultSide(content, settings);
  const needed = role === "style" || role === "source" ? styleSide(side, settings.styleScale) : side;
  return isMaskRole(role) ? Math.max(needed, Math.min(2 * needed, MASK_SIDE_PX)) : needed;
}

/** Up to here a mask is decoded with pixels to spare: engines average them by area, where decoders make edges ring. */
const MASK_SIDE_PX = 4096;

function styleSide(side: number, styleScale: number): number {
  return Math.round(side * styleScale);
}

/** Settings as an engine computes with them: quality became a size and iteration counts, strength a ratio of weights. */
export type ResolvedSettings = Omit<
  Settings,
  | "quality"
  | "network"
  | "size"
  | "init"
  | "firstIterations"
  | "middleIterations"
  | "iterations"
  | "strength"
  | "contentLoss"
  | "styleLoss"
  | "model"
  | "modelInput"
  | "modelTile"
  | "palette"
  | "styleMix"
  | "detail"
  | "carryShare"
> & {
  method: Method;
  /** Of the optimization where there is no quick picture before it. */
  init: Exclude<Settings["init"], "quick" | null>;
  contentLoss: readonly Term<ContentLoss>[];
  styleLoss: readonly Term<StyleLoss>[];
  /** What strength means to the optimizer, or to what polishes a quick picture. */
  styleToContent: number;
  /** What it means to a quick picture's draft. */
  draftStyleToContent: number;
  /** What it means to a quick picture's detail, 0 … 2. */
  detailShare: number;
  /** Long side of the result, px. */
  size: number;
  /** At the coarsest scale, or of the draft. */
  firstIterations: number;
  /** Of a quick picture that has been doubled once and will be again. */
  middleIterations: number;
  /** At each further scale, or of the polish. */
  iterations: number;
  /** Long side in px; scales that are larger have fewer iterations, as if the time were what is given. 0: none has. */
  easingSide: number;
};

/** The largest scale of the largest preset: beyond, iterations that nobody asked for would take hours. */
const EASING_SIDE_PX = QUALITIES.fine.size;

/** `method`: the quality's, unless wayOf() says another. */
export function resolveSettings(
  settings: Settings,
  content: Size,
  method: Method = QUALITIES[settings.quality].method,
): ResolvedSettings {
  const { quality, network: _, size, init, strength, ...others } = settings;
  const {
    firstIterations,
    middleIterations,
    iterations,
    contentLoss,
    styleLoss,
    model,
    modelInput: _input,
    modelTile: _tile,
    palette: _palette,
    styleMix: _mix,
    detail,
    carryShare,
    ...rest
  } = others;
  const preset = QUALITIES[quality];
  // Terms share what there is: without the division, detail would take from the rest that holds the content.
  const held = heldTimes({ detail });
  return {
    ...rest,
    method,
    init: init === null || init === "quick" ? "content" : init,
    contentLoss: contentTermsOf({ contentLoss, detail }),
    styleLoss: parseTerms(styleLoss, SETTINGS.styleLoss.choices),
    styleToContent: (method === "quick" ? polishStyleToContentRatio : styleToContentRatio)(strength) / held,
    draftStyleToContent: draftStyleToContentRatio(strength) / held,
    detailShare: carryShare ?? detailShare(strength),
    size: resultSide(content, { size, quality, model }),
    firstIterations: firstIterations ?? (method === "quick" ? DRAFT_ITERATIONS : preset.firstIterations),
    middleIterations: middleIterations ?? MIDDLE_ITERATIONS,
    iterations: iterations ?? (method === "quick" ? preset.polish : preset.iterations),
    easingSide: iterations === null ? EASING_SIDE_PX : 0,
  };
}
