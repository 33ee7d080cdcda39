// Styles from elsewhere than the selection, as a run takes them: stored ones, the host's samples, learned ones.

import { signal } from "@preact/signals-core";
import { ImpastoError } from "../../companion/protocol/errors.ts";
import type { Model } from "../../companion/protocol/models.ts";
import type { Host, SourcePicture } from "../host.ts";
import type { Input } from "./painting.ts";
import type { StoredStyles } from "./stored-styles.ts";

export type OtherStyle = { from: "stored"; key: string } | { from: "sample"; index: number } | LearnedStyle;

/** A learned style, as a picture that brings along what was learned. */
export interface LearnedStyle {
  from: "learned";
  id: string;
  picture: SourcePicture;
  /** Names of those in its file where it is several, mixed by settings.styleMix. */
  members?: readonly string[];
}

/** A model that takes no picture of a style: it is the style. Null for others. */
export function modelStyle(model: Model | null): Input | null {
  if (model === null || model.descriptor.style !== null) return null;
  const { name } = model;
  return { id: `model:${name}`, layerId: null, name, width: 0, height: 0, thumbnail: null, read: null };
}

export function createOtherStyles(host: Host, storedStyles: StoredStyles) {
  const samples = signal<ReadonlyMap<number, SourcePicture>>(new Map());

  function stored(key: string | null): Input | null {
    const found = storedStyles.list.value.find((other) => other.key === key);
    if (found === undefined) return null;
    const { name, width, height, thumbnail } = found;
    const read = async () => {
      const picture = await storedStyles.read(found.key);
      if (picture === null) {
        throw new ImpastoError("not-found", `The style “${name}” is no longer stored.`, {
          hint: "Pick another style, or select a layer for it.",
        });
      }
      return picture;
    };
    return { id: `stored:${found.key}`, layerId: null, name, width, height, thumbnail, read };
  }

  function learned({ id, picture, members }: LearnedStyle): Input {
    const { bytes, name, width, height } = picture;
    const read = () => Promise.resolve(picture);
    return {
      id: `learned:${id}`,
      layerId: null,
      name,
      width,
      height,
      thumbnail: bytes,
      read,
      ...(members && { members }),
    };
  }

  function sample(index: number): Input | null {
    const offered = host.capabilities.samples[index];
    if (offered === undefined) return null;
    const loaded = samples.value.get(index);
    return {
      id: `sample:${index}`,
      layerId: null,
      name: offered.name,
      width: loaded?.width ?? 0,
      height: loaded?.height ?? 0,
      thumbnail: loaded?.bytes ?? null,
      read: () => offered.load(),
    };
  }

  async function load(index: number): Promise<void> {
    if (samples.value.has(index)) return;
    const picture = await host.capabilities.samples[index]?.load().catch(() => undefined);
    if (picture !== undefined) samples.value = new Map(samples.value).set(index, picture);
  }

  return {
    /** Samples that are loaded, by their place among the host's. */
    samples,
    stored,

    /** Null when it is gone. */
    input(style: OtherStyle): Input | null {
      switch (style.from) {
        case "sample":
          return sample(style.index);
        case "stored":
          return stored(style.key);
        case "learned":
          return learned(style);
      }
    },

    /** Makes a sample's thumbnail and size known. */
    loadSample: load,
    /** Of all samples: they come into view. */
    loadSamples(): void {
      for (const index of host.capabilities.samples.keys()) void load(index);
    },
  };
}
