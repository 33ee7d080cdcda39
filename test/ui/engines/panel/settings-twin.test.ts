// The same pair through both engines: what each choice means is the same in the panel and natively. Here the choices
// that pictures depend on most; all of them, deeper, in settings-twin.slow.test.ts.

import { expect, test } from "vitest";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { stylize } from "../../../../native/binding/binding.ts";
import { loadAddon } from "../../../../native/binding/load.ts";
import type { Snapshot } from "../../../../native/binding/types.ts";
import {
  luminance,
  matchColors,
  matchHistograms,
  matchLuminance,
  replaceLuminance,
} from "../../../../ui/engines/panel/core/color.ts";
import { guidedFilter } from "../../../../ui/engines/panel/core/guided-filter.ts";
import { type InterleavedImage, toInterleaved, toPicture } from "../../../../ui/engines/panel/core/image.ts";
import { noise } from "../../../../ui/engines/panel/core/noise.ts";
import { randomPicture } from "../../../native/support/objective.ts";
import { smallRequest } from "../../../native/support/run.ts";
import { expectTwins, twinSettings, waves } from "./twin.ts";

const CASES: Partial<Settings>[] = [
  {},
  { colors: "keep", styleLoss: "gram-normalized" },
  { colors: "keep-histogram", styleLoss: "gram-normalized", seamless: "horizontal" },
  { init: "noise", seed: 7, seamless: "both" },
  { init: "style-colors", styleLoss: "gram-normalized,w2:0.3" },
  { pooling: "max", styleLoss: "gram-normalized" },
  { contentLoss: "self-similarity,laplacian:2", styleLoss: "gram-normalized" },
  { styleLoss: "bn,mmd-linear:0.5,mmd-gaussian:0.5" },
  { photoreal: "guided", photorealStrength: 80, colors: "keep", styleLoss: "gram-normalized" },
];

test.each(CASES)(
  "with %j both paint the same",
  async (settings) => {
    const [content, style] = [waves(46, 46, 0.3), waves(40, 44, 1.7)];
    await expectTwins({ content, styles: [{ picture: style, weight: 1 }], settings: twinSettings(settings) });
  },
  60_000,
);

type Transfer = (source: InterleavedImage, target: InterleavedImage) => InterleavedImage;
const TRANSFERS: ["match-colors" | "match-histograms" | "match-luminance" | "replace-luminance", Transfer][] = [
  ["match-colors", matchColors],
  ["match-histograms", matchHistograms],
  ["match-luminance", (source, target) => matchLuminance(luminance(source), luminance(target))],
  ["replace-luminance", (source, target) => replaceLuminance(target, source)],
];

test.each(TRANSFERS)("%s is the native engine's", (kind, own) => {
  const [source, target] = [randomPicture(40, 30, 3), waves(40, 30, 2)];
  const native = loadAddon().transferColors(kind, source, target).data;
  const data = toPicture(own(toInterleaved(source), toInterleaved(target))).data;
  const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - (native[i] as number))), 0);
  expect(worst).toBeLessThan(1e-5);
});

test.each([
  [46, 33],
  [300, 41],
])("the photographic finish at %i × %i is the native engine's", (width, height) => {
  const [picture, guide] = [randomPicture(width, height, 3), waves(width, height, 2)];
  const native = loadAddon().guidedFilter(picture, guide, 0.8).data;
  const { data } = toPicture(guidedFilter(toInterleaved(picture), toInterleaved(guide), 0.8));
  const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - (native[i] as number))), 0);
  expect(worst).toBeLessThan(1e-5);
});

test("the same seed gives the same noise", async () => {
  const settings = {
    init: "noise",
    seed: 4_000_000_000,
    optimizer: "adam",
    stepSize: 1e-5,
    firstIterations: 1,
  } as const;
  const snapshots: Snapshot[] = [];
  await stylize(smallRequest(settings), { snapshots: { every: 1, onSnapshot: (each) => snapshots.push(each) } }).result;
  const native = snapshots[0]?.picture;
  const own = toPicture(noise({ width: 64, height: 48 }, settings.seed)).data;
  expect(native?.data).toHaveLength(own.length);
  const worst = own.reduce((most, value, i) => Math.max(most, Math.abs(value - (native?.data[i] ?? Number.NaN))), 0);
  // One step of Adam moves no pixel by more than its step size.
  expect(worst).toBeLessThan(1.1e-5);
});
