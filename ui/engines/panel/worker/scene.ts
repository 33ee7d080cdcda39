// The pictures of one scale, as native/optimize/scene: what the network sees of content and styles, and what is shown
// of its work.

import type { StylizeRequest } from "../../../../companion/protocol/engine.ts";
import { ImpastoError } from "../../../../companion/protocol/errors.ts";
import { MIN_SIDE_PX } from "../../../../companion/protocol/limits.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { resultSize, type Size, styleSize } from "../../../../companion/protocol/sizing.ts";
import { extend } from "../core/canvas.ts";
import { luminance, matchColors, matchHistograms, matchLuminance, replaceLuminance } from "../core/color.ts";
import { guidedFilter } from "../core/guided-filter.ts";
import { splitAlpha } from "../core/holes.ts";
import { type InterleavedImage, resizeImage } from "../core/image.ts";
import { noise } from "../core/noise.ts";

/** A request's pictures, alpha split off, before any scale. */
export interface Sources {
  /** At the result's size. */
  content: InterleavedImage;
  /** At their own. */
  styles: readonly { image: InterleavedImage; weight: number }[];
  initial: InterleavedImage | null;
}

/** Throws ImpastoError("bad-picture") where the result would be too narrow. */
export function openSources({ content, styles, initial, settings }: StylizeRequest): Sources {
  const full = splitAlpha(content);
  const size = resultSize(full, settings);
  if (Math.min(size.width, size.height) < MIN_SIDE_PX) {
    throw new ImpastoError(
      "bad-picture",
      `The result would be ${size.width} × ${size.height} px, and no side may be shorter than ${MIN_SIDE_PX} px.`,
      { hint: "Choose a larger size or a picture that is less narrow." },
    );
  }
  return {
    content: resizeImage(full, size),
    styles: styles.map(({ picture, weight }) => ({ image: splitAlpha(picture), weight })),
    initial: initial === undefined ? null : splitAlpha(initial),
  };
}

export class Scene {
  /** What the network sees of the content, with a margin; the picture in work has the same size. */
  readonly canvas: InterleavedImage;
  private readonly sources: Sources;
  private readonly settings: Settings;
  private readonly content: InterleavedImage;

  constructor(sources: Sources, settings: Settings, size: Size) {
    this.sources = sources;
    this.settings = settings;
    this.content = resizeImage(sources.content, size);
    this.canvas = extend(this.seen(this.content), settings.seamless);
  }

  /** Where the descent starts, with a margin. */
  firstPicture(): InterleavedImage {
    return extend(this.initialPicture(), this.settings.seamless);
  }

  /** The heaviest style stretched to the canvas: what the content loss is measured against. */
  reference(): InterleavedImage {
    return resizeImage(this.heaviestStyle(), this.canvas);
  }

  /** The styles as the network sees them at this scale. */
  styles(): { image: InterleavedImage; weight: number }[] {
    return this.sources.styles.map(({ image, weight }) => ({ image: this.scaled(image), weight }));
  }

  /** A picture as a person sees it: with the content's edges when it is to be photographic, and its colors when kept. */
  shown(image: InterleavedImage): InterleavedImage {
    const { colors, photoreal, photorealStrength } = this.settings;
    const finished = photoreal === "guided" ? guidedFilter(image, this.content, photorealStrength / 100) : image;
    return colors === "keep" ? replaceLuminance(this.content, finished) : finished;
  }

  /** Its light and dark alone when colors are kept. */
  private seen(image: InterleavedImage): InterleavedImage {
    return this.settings.colors === "keep" ? luminance(image) : image;
  }

  private scaled(style: InterleavedImage): InterleavedImage {
    const scaled = resizeImage(style, styleSize(style, this.content, this.settings.styleScale));
    switch (this.settings.colors) {
      case "style":
        return scaled;
      case "keep":
        return matchLuminance(luminance(scaled), luminance(this.content));
      case "keep-linear":
        return matchColors(scaled, this.content);
      case "keep-histogram":
        return matchHistograms(scaled, this.content);
    }
  }

  private heaviestStyle(): InterleavedImage {
    return this.scaled(this.sources.styles.reduce((a, b) => (b.weight > a.weight ? b : a)).image);
  }

  private initialPicture(): InterleavedImage {
    switch (this.settings.init) {
      case "content":
        return this.seen(this.content);
      case "noise":
        return noise(this.content, this.settings.seed);
      case "style-colors":
        return matchColors(this.seen(this.content), this.heaviestStyle());
      case "image": {
        const { initial } = this.sources;
        if (initial === null) throw new ImpastoError("bad-request", "There is no picture to start from.");
        return this.seen(resizeImage(initial, this.content));
      }
    }
  }
}
