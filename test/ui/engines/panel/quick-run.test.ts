// A quick picture by the panel's own engine, on TensorFlow.js for the CPU: its parts, its ends, and the native engine's look.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { StylizeRequest } from "../../../../companion/protocol/engine.ts";
import type { Progress } from "../../../../companion/protocol/progress.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { stylize } from "../../../../native/binding/binding.ts";
import { parseDetailer } from "../../../../ui/engines/panel/core/detailer.ts";
import { parseNetwork } from "../../../../ui/engines/panel/core/network.ts";
import { makeControl } from "../../../../ui/engines/panel/worker/control.ts";
import { QuickRun } from "../../../../ui/engines/panel/worker/quick-run.ts";
import { makeDetailer, writeDetailer } from "../../../native/support/detailer.ts";
import { relativeError } from "../../../native/support/objective.ts";
import { NETWORK } from "../../../native/support/run.ts";
import { LEFT, MIDDLE, RIGHT } from "./region-requests.ts";
import { twinSettings, waves } from "./twin.ts";

const folder = mkdtempSync(join(tmpdir(), "impasto-quick-"));
afterAll(() => rmSync(folder, { recursive: true }));
const DETAILER = writeDetailer(join(folder, "detailer.safetensors"), makeDetailer());

const network = parseNetwork(new Uint8Array(readFileSync(NETWORK)));
const widths = new Map(network.convolutions.map(({ layer, outChannels }) => [layer, outChannels]));
const networks = { network, detailer: parseDetailer(new Uint8Array(readFileSync(DETAILER)), widths) };

function request(settings: Partial<Settings> = {}): StylizeRequest {
  const quick = { quality: "quick", size: 64, minScale: 32, firstIterations: 3, iterations: null } as const;
  return {
    content: waves(64, 48, 0),
    styles: [
      { picture: waves(50, 44, 2), weight: 2 },
      { picture: waves(40, 56, 4), weight: 1 },
    ],
    settings: twinSettings({ ...quick, ...settings }),
  };
}

async function paint(settings: Partial<Settings> = {}, onProgress?: (progress: Progress) => void) {
  const control = makeControl();
  const progress: Progress[] = [];
  const run = new QuickRun(request(settings), networks, control, {
    progress(next) {
      progress.push(next);
      onProgress?.(next);
    },
    moved() {},
  });
  return { result: await run.run(), progress };
}

/**
 * The draft's few updates multiply what float32 rounds (twin.ts), and the detailer what it is given; a part that one
 * engine carries out otherwise moves the picture by percents.
 */
const TOLERANCE = 5e-3;

test("is the native engine's: a draft, detailed, polished a little, and recolored", async () => {
  const change = { iterations: 2, colors: "keep-linear", strength: 20 } as const;
  const { content, styles, settings } = request(change);
  const painter = { networkPath: NETWORK, detailerPath: DETAILER };
  const native = { content, styles, settings: { ...settings, device: "cpu" as const }, networkPath: NETWORK, painter };
  const expected = (await stylize(native).result).picture;
  const { picture } = (await paint(change)).result;
  const error = relativeError(picture.data, expected.data);
  expect(error <= TOLERANCE).toBe(true);
});

test("is the native engine's: gone over between its doublings", async () => {
  const change = { size: 130, middleIterations: 1, strength: 70 };
  const { content, styles, settings } = request(change);
  const painter = { networkPath: NETWORK, detailerPath: DETAILER };
  const native = { content, styles, settings: { ...settings, device: "cpu" as const }, networkPath: NETWORK, painter };
  const expected = (await stylize(native).result).picture;
  const { result, progress } = await paint(change);
  expect(relativeError(result.picture.data, expected.data)).toBeLessThan(TOLERANCE);
  expect(result.iterations).toBe(4);
  const fractions = progress.map(({ fraction }) => fraction);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
});

test("is the native engine's with regions, a source, a protected part, and a style for some layers", async () => {
  const plain = request({ colors: "keep-linear" });
  const [first, second] = plain.styles as [StylizeRequest["styles"][number], StylizeRequest["styles"][number]];
  const masked = {
    ...plain,
    styles: [
      { ...first, region: LEFT, source: MIDDLE },
      { ...second, region: RIGHT },
      { ...second, region: RIGHT, layers: ["relu1_1"], picture: waves(44, 36, 0.9) },
    ],
    protect: MIDDLE,
  };
  const { content, styles, protect, settings } = masked;
  const painter = { networkPath: NETWORK, detailerPath: DETAILER };
  const native = await stylize({
    ...{ content, styles, protect, networkPath: NETWORK, painter },
    settings: { ...settings, device: "cpu" },
  }).result;
  const own = await new QuickRun(masked, networks, makeControl(), { progress() {}, moved() {} }).run();
  expect(relativeError(own.picture.data, native.picture.data)).toBeLessThan(TOLERANCE);
  expect(own.notes).toEqual(native.notes);
});

test("says what it is doing, and how far it is", async () => {
  const { progress, result } = await paint();
  expect([...new Set(progress.map(({ phase }) => phase))]).toEqual(["draft", "detail"]);
  const fractions = progress.map(({ fraction }) => fraction);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
  expect(result.iterations).toBe(3);
  expect(result.picture.data.every((value) => value >= 0 && value <= 1)).toBe(true);
});

test("leaves the content as it is at strength 0", async () => {
  const { result } = await paint({ strength: 0 });
  expect([...result.picture.data]).toEqual([...request().content.data]);
});

test("ends early with what it has come to, at the result's size", async () => {
  const control = makeControl();
  const run = new QuickRun(request(), networks, control, { progress: () => control.stop(), moved() {} });
  const result = await run.run();
  expect(result).toMatchObject({ stopped: true, picture: { width: 64, height: 48 } });
});

test("drafts anew when the strength changes behind the draft", async () => {
  const control = makeControl();
  const drafts: number[] = [];
  const run = new QuickRun(request(), networks, control, {
    progress({ phase, totalIteration }) {
      if (phase !== "draft") return;
      drafts.push(totalIteration);
      if (drafts.length === 3) queueMicrotask(() => control.update({ strength: 90 }));
    },
    moved() {},
  });
  await run.run();
  expect(drafts).toEqual([1, 2, 3, 1, 2, 3]);
});
