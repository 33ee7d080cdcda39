// The pictures of one scale, as native/optimize/scene: what the network sees of content and styles, and what is shown
// of its work.

import type { Picture, StylizeRequest } from "../../../../companion/protocol/engine.ts";
import { ImpastoError } from "../../../../companion/protocol/errors.ts";
import { MIN_SIDE_PX } from "../../../../companion/protocol/limits.ts";
import { type Mask, toMask } from "../../../../companion/protocol/mask.ts";
import { interleaved, toPalette } from "../../../../companion/protocol/palette.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { resultSize, type Size, styleSize } from "../../../../companion/protocol/sizing.ts";
import { extend, extendMask, joinSides } from "../core/canvas.ts";
import { luminance, matchColors, matchHistograms, matchLuminance, replaceLuminance } from "../core/color.ts";
import { guidedFilter } from "../core/guided-filter.ts";
import { splitAlpha } from "../core/holes.ts";
import { clampAll, type InterleavedImage, resizeImage, toInterleaved } from "../core/image.ts";
import { supportedLayers } from "../core/mask.ts";
import { noise } from "../core/noise.ts";
import { holdBack, putBack, snapEnds } from "../core/protect.ts";
import { nameStyles, noteMissingLayers, requirePaintable, smallPart } from "./region-notes.ts";
import { groupRegions, type Region, scaledMask, sharePixels } from "./regions.ts";

interface SourceStyle {
  image: InterleavedImage;
  weight: number;
  /** Which part of it counts; null: all. */
  source: Mask | null;
  /** Where it counts alone; null: where no other counts alone. */
  layers: readonly string[] | null;
}

/** A request's pictures, alpha split off, before any scale. */
export interface Sources {
  /** At the result's size; of a seamless result with its sides joined. */
  content: InterleavedImage;
  /** The same as it was. */
  plain: InterleavedImage;
  /** The content as it was to the bit, also under transparent pixels; null where the result has another size. */
  original: InterleavedImage | null;
  /** At their own. */
  styles: readonly SourceStyle[];
  /** Empty where every style goes everywhere. */
  regions: readonly Region[];
  protect: Mask | null;
  initial: InterleavedImage | null;
}

/** Throws ImpastoError("bad-picture") where the result would be too narrow. */
export function openSources({ content, styles, protect, initial, settings }: StylizeRequest): Sources {
  const full = splitAlpha(content);
  const size = resultSize(full, settings);
  if (Math.min(size.width, size.height) < MIN_SIDE_PX) {
    throw new ImpastoError(
      "bad-picture",
      `The result would be ${size.width} × ${size.height} px, and no side may be shorter than ${MIN_SIDE_PX} px.`,
      { hint: "Choose a larger size or a picture that is less narrow." },
    );
  }
  const maskOf = (picture: Picture | undefined) => (picture === undefined ? null : toMask(picture));
  const plain = resizeImage(full, size);
  const isOwnSize = size.width === content.width && size.height === content.height;
  return {
    content: joinSides(plain, settings.seamless),
    plain,
    original: isOwnSize ? toInterleaved(content) : null,
    styles: styles.map(({ picture, weight, source, layers }) => ({
      image: splitAlpha(picture),
      weight,
      source: maskOf(source),
      layers: layers ?? null,
    })),
    regions: groupRegions(styles.map(({ region, weight }) => ({ region: maskOf(region), weight }))),
    protect: maskOf(protect),
    initial: initial === undefined ? null : splitAlpha(initial),
  };
}

/** Styles that share a part of the picture, as the network sees them at a scale. */
export interface SceneRegion {
  /** With the canvas's margin; null: everywhere. */
  mask: Mask | null;
  /** `layers`: of those that the part is large enough for. */
  styles: { image: InterleavedImage; weight: number; layers: readonly string[] }[];
}

export class Scene {
  /**
   * What the network sees of the content, with a margin; the picture in work has the same size. Its alpha is what counts:
   * what can be seen and is not protected.
   */
  readonly canvas: InterleavedImage;
  private readonly sources: Sources;
  private readonly settings: Settings;
  private readonly content: InterleavedImage;
  /** [H, W], without and with the margin; null: nothing is. */
  private readonly protect: { inside: Float32Array; canvas: Float32Array } | null;
  /** [H, W]; null: all that there is. */
  private readonly visible: Float32Array | null;
  /** What each region has of each pixel. */
  private readonly shares: readonly Mask[];

  constructor(sources: Sources, settings: Settings, size: Size) {
    this.sources = sources;
    this.settings = settings;
    this.content = resizeImage(sources.content, size);
    const { alpha } = this.content;
    this.protect = null;
    this.visible = alpha;
    if (sources.protect !== null) {
      const scaled = scaledMask(sources.protect, size);
      const inside = snapEnds(scaled.data);
      this.protect = { inside, canvas: this.extendedMask({ ...scaled, data: inside }).data };
      this.visible = holdBack(inside, alpha ?? new Float32Array(inside.length).fill(1));
    }
    this.shares = sharePixels(sources.regions, size, this.visible);
    this.canvas = this.extended({ ...this.seen(this.content), alpha: this.visible });
  }

  /** Where the descent starts, with a margin. */
  firstPicture(): InterleavedImage {
    return this.extended(this.initialPicture());
  }

  /** The heaviest style stretched to the canvas: what the content loss is measured against. */
  reference(): InterleavedImage {
    const regions = [...this.regionPlaces()];
    const weightOf = (region: number) => this.heaviestOf(region).weight;
    const heaviest = regions.reduce((a, b) => (weightOf(b) > weightOf(a) ? b : a));
    return resizeImage(this.scaled(this.heaviestOf(heaviest), heaviest), this.canvas);
  }

  /** One at least. */
  regions(): SceneRegion[] {
    return [...this.regionPlaces()].map((region) => {
      const share = this.shares[region];
      const has = this.layersOf(region);
      return {
        mask: share === undefined ? null : this.extendedMask(share),
        styles: this.stylesOf(region).flatMap((style) => {
          const layers = has.filter((layer) => this.stylesAt(layer, region).includes(style));
          return layers.length === 0 ? [] : [{ image: this.scaled(style, region), weight: style.weight, layers }];
        }),
      };
    });
  }

  /** A region's styles with the layers that each alone counts at, whatever the part is large enough for; none of weight 0. */
  regionStyles(region: number): { image: InterleavedImage; weight: number; layers: readonly string[] | null }[] {
    return this.stylesOf(region)
      .filter(({ weight }) => weight > 0)
      .map((style) => ({ image: this.scaled(style, region), weight: style.weight, layers: style.layers }));
  }

  /** What is to be said of parts that are too small for all of their style. Throws ImpastoError for those without any. */
  notes(): string[] {
    const { styles, regions, protect } = this.sources;
    if (this.visible !== null) requirePaintable(this.visible);
    if (protect === null && regions.length === 0 && styles.every(({ source }) => source === null)) return [];
    return [...this.regionPlaces()].flatMap((region) => {
      const places = this.sources.regions[region]?.styles ?? [...styles.keys()];
      const name = nameStyles(places, styles.length);
      const has = this.layersOf(region);
      if (has.length === 0) throw smallPart(name);
      return noteMissingLayers(name, this.wantedLayers(region), has) ?? [];
    });
  }

  /** Without a margin; its alpha is its own, and nothing of it is protected. */
  seenContent(): InterleavedImage {
    return this.seen(this.content);
  }

  /** As the network sees it; its alpha is its own, whatever counts of it. */
  seenStyle(place: number): InterleavedImage {
    const style = this.sources.styles[place] as SourceStyle;
    const region = this.sources.regions.findIndex(({ styles }) => styles.includes(place));
    const seen = this.scaled(style, Math.max(0, region));
    return style.source === null ? seen : { ...seen, alpha: resizeImage(style.image, seen).alpha };
  }

  /** What each region has of what counts of the content, without a margin; empty where every style goes everywhere. */
  regionMasks(): readonly Mask[] {
    return this.shares;
  }

  /** What the network sees of a picture in work: protected parts are the content's, whatever it has there. */
  seenOf(pixels: Float32Array): Float32Array {
    return this.protect === null ? pixels : putBack(this.canvas.data, this.protect.canvas, pixels);
  }

  /** What a gradient may move. */
  movable(gradient: Float32Array): Float32Array {
    return this.protect === null ? gradient : holdBack(this.protect.canvas, gradient);
  }

  /**
   * A picture as a person sees it: with the content's edges when it is to be photographic, and its colors when kept; or on
   * a palette.
   */
  shown(image: InterleavedImage): InterleavedImage {
    const { colors, photoreal, photorealStrength } = this.settings;
    const finished = photoreal === "guided" ? guidedFilter(image, this.content, photorealStrength / 100) : image;
    const colored = colors === "keep" ? replaceLuminance(this.content, finished) : finished;
    return this.withProtected(this.content, this.onPalette(colored));
  }

  private onPalette(image: InterleavedImage): InterleavedImage {
    const { palette } = this.settings;
    if (palette === null) return image;
    return { ...image, data: toPalette(image.data, interleaved(image.width * image.height, 1), palette) };
  }

  /** shown() at the result's size: what is protected there is the content's to the bit, also under transparent pixels. */
  finished(image: InterleavedImage): InterleavedImage {
    const shown = this.shown(image);
    return this.sources.original === null ? shown : this.withProtected(this.sources.original, shown);
  }

  private withProtected(original: InterleavedImage, image: InterleavedImage): InterleavedImage {
    if (this.protect === null) return image;
    return { ...image, data: putBack(original.data, this.protect.inside, image.data) };
  }

  private extended(image: InterleavedImage): InterleavedImage {
    return extend(image, this.settings.seamless);
  }

  private extendedMask(mask: Mask): Mask {
    return extendMask(mask, this.settings.seamless);
  }

  /** Its light and dark alone when colors are kept. */
  private seen(image: InterleavedImage): InterleavedImage {
    return this.settings.colors === "keep" ? luminance(image) : image;
  }

  private regionPlaces(): IterableIterator<number> {
    return Array.from({ length: Math.max(1, this.shares.length) }).keys();
  }

  private stylesOf(region: number): SourceStyle[] {
    const { styles, regions } = this.sources;
    return styles.filter((_, place) => regions[region]?.styles.includes(place) ?? true);
  }

  private heaviestOf(region: number): SourceStyle {
    return this.stylesOf(region).reduce((a, b) => (b.weight > a.weight ? b : a));
  }

  /** Where a region's colors are looked at; transparent pixels without a mask count as they always did. */
  private countsOf(region: number): Float32Array | null {
    return this.shares[region]?.data ?? (this.protect === null ? null : this.visible);
  }

  /** Those of a region's styles that make its target at a layer. */
  private stylesAt(layer: string, region: number): SourceStyle[] {
    const styles = this.stylesOf(region).filter(({ weight }) => weight > 0);
    const alone = styles.filter(({ layers }) => layers?.includes(layer));
    return alone.length > 0 ? alone : styles.filter(({ layers }) => layers === null);
  }

  private wantedLayers(region: number): string[] {
    return this.settings.styleLayers.filter((layer) => this.stylesAt(layer, region).length > 0);
  }

  /** The wanted ones that a region, and what counts of its styles, is large enough for. */
  private layersOf(region: number): string[] {
    const wanted = this.wantedLayers(region);
    const share = this.shares[region];
    const own = share === undefined ? wanted : supportedLayers(wanted, this.extendedMask(share));
    return this.stylesOf(region).reduce((layers, style) => {
      if (style.source === null) return layers;
      const { width, height, alpha } = this.scaled(style, region);
      const has = supportedLayers(layers, { width, height, channels: 1, data: alpha as Float32Array });
      return layers.filter((layer) => has.includes(layer) || !this.stylesAt(layer, region).includes(style));
    }, own);
  }

  private scaled({ image, source }: SourceStyle, region: number): InterleavedImage {
    const size = styleSize(image, this.content, this.settings.styleScale);
    const scaled = resizeImage(image, size);
    if (source !== null) {
      const { data } = scaledMask(source, size);
      scaled.alpha = scaled.alpha === null ? data : data.map((value, i) => value * (scaled.alpha?.[i] as number));
    }
    // Its own alpha counts only where it is a mask: see countsOf().
    const counts = source === null ? null : scaled.alpha;
    const contentCounts = this.countsOf(region);
    switch (this.settings.colors) {
      case "style":
        return scaled;
      case "keep":
        return matchLuminance(luminance(scaled), luminance(this.content), counts, contentCounts);
      case "keep-linear":
        return matchColors(scaled, this.content, counts, contentCounts);
      case "keep-histogram":
        return matchHistograms(scaled, this.content, counts, contentCounts);
    }
  }

  private withStyleColors(): InterleavedImage {
    const content = this.seen(this.content);
    const matched = (region: number) => {
      const style = this.heaviestOf(region);
      const picture = this.scaled(style, region);
      return matchColors(content, picture, this.countsOf(region), style.source === null ? null : picture.alpha);
    };
    if (this.shares.length === 0) return matched(0);
    const data = content.data.slice();
    for (const [region, share] of this.shares.entries()) {
      const colors = matched(region).data;
      for (let i = 0; i < data.length; i++) {
        const part = share.data[Math.floor(i / 3)] as number;
        data[i] = (data[i] as number) + part * ((colors[i] as number) - (content.data[i] as number));
      }
    }
    return { ...content, data: clampAll(data) };
  }

  private initialPicture(): InterleavedImage {
    switch (this.settings.init) {
      case null:
      case "quick":
      case "content":
        return this.seen(this.content);
      case "noise":
        return noise(this.content, this.settings.seed);
      case "style-colors":
        return this.withStyleColors();
      case "image": {
        const { initial } = this.sources;
        if (initial === null) throw new ImpastoError("bad-request", "There is no picture to start from.");
        return this.seen(resizeImage(initial, this.content));
      }
    }
  }
}
