// A run whose pictures, the result and those on the way, are carried onto the palette that the request asks for. Pixels that
// are protected stay as they are.

import { resample } from "../models/resample.ts";
import type { Picture, StylizeRequest } from "../protocol/engine.ts";
import { toMask } from "../protocol/mask.ts";
import { interleaved, planar, toPalette } from "../protocol/palette.ts";
import type { ChildRun, RunStart } from "./child-engine.ts";

/** As native/image/protect.cc: what is nearly white in the mask is white. */
const WHITE = 1 - 4 / 255;

type Snapshots = NonNullable<RunStart["snapshots"]>;

export function withPalette(run: ChildRun, request: StylizeRequest): ChildRun {
  const { palette } = request.settings;
  if (palette === null) return run;
  return {
    result: run.result.then((result) => ({ ...result, picture: recolored(result.picture, request, palette) })),
    update: (settings) => run.update(settings),
    pause: () => run.pause(),
    stop: () => run.stop(),
    checkpoint: () => run.checkpoint(),
    async preview() {
      const preview = await run.preview();
      if (preview === null) return null;
      const { width, height, rgb } = preview;
      return { width, height, rgb: toPalette(rgb, interleaved(width * height, 255), palette) };
    },
  };
}

export function snapshotsWithPalette({ every, onSnapshot }: Snapshots, request: StylizeRequest): Snapshots {
  const { palette } = request.settings;
  if (palette === null) return { every, onSnapshot };
  return {
    every,
    onSnapshot: ({ iteration, picture }) => onSnapshot({ iteration, picture: recolored(picture, request, palette) }),
  };
}

function recolored(picture: Picture, { protect }: StylizeRequest, palette: readonly string[]): Picture {
  const { width, height, data } = picture;
  const plane = width * height;
  const colored = toPalette(data, planar(plane), palette);
  if (protect === undefined) return { ...picture, data: colored };
  const mask = resample({ ...protect, data: toMask(protect).data }, width, height).data;
  for (let at = 0; at < 3 * plane; at++) {
    const kept = mask[at % plane] as number;
    const after = colored[at] as number;
    // No sum where all is kept: protected means to the bit.
    colored[at] = kept >= WHITE ? (data[at] as number) : after + kept * ((data[at] as number) - after);
  }
  return { ...picture, data: colored };
}
