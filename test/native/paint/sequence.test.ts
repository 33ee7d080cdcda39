// Frames of a sequence: painted so that the strokes stay with what they stand on.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readPictureFile } from "../../../companion/pictures/files.ts";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { stylize } from "../../../native/binding/binding.ts";
import { makeDetailer, writeDetailer } from "../support/detailer.ts";
import { differenceAlong, makeClip } from "../support/known-motion.ts";
import { NETWORK } from "../support/run.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const networks = `${root}native/networks/`;
const SLIM = { networkPath: `${networks}vgg19-slim.safetensors`, detailerPath: `${networks}detailer-slim.safetensors` };
/** Frames of 96 px from drafts of 48 px: small, and with every part of the work. */
const SIDE = 96;

const read = async (name: string, maxSide: number): Promise<Picture> =>
  (await readPictureFile(`${root}companion/samples/${name}`, { maxSide })).picture;
const still = await read("tubingen.jpg", 130);
const style = await read("starry-night.jpg", SIDE);

async function paint(content: Picture, shot?: Uint8Array, painter = SLIM) {
  const run = stylize({
    content,
    styles: [{ picture: style, weight: 1 }],
    settings: { ...DEFAULT_SETTINGS, quality: "quick", minScale: 48, device: "cpu" },
    networkPath: painter.networkPath,
    painter,
    ...(shot !== undefined && { shot }),
  });
  return await run.result;
}

async function paintAll(frames: readonly Picture[]) {
  const results = [];
  let state: Uint8Array = new Uint8Array();
  for (const frame of frames) {
    const result = await paint(frame, state);
    if (result.shot === undefined) throw new Error("no shot");
    state = result.shot.state;
    results.push({ ...result, begins: result.shot.begins });
  }
  return results;
}

test("a pan flickers at most 0.35 as much as frames that are painted each by itself", async () => {
  const { frames, origins } = makeClip(still, still, { dx: 1.5, dy: 0.5, zoom: 1 }, SIDE, 5);
  const together = await paintAll(frames);
  const alone: Picture[] = [];
  for (const frame of frames) alone.push((await paint(frame)).picture);
  expect(together.map(({ begins }) => begins)).toEqual([true, false, false, false, false]);
  // The first has nothing to go on with: it is what it would be alone.
  expect(together[0]?.picture.data).toEqual(alone[0]?.data);
  const flicker = differenceAlong(
    together.map(({ picture }) => picture),
    origins,
  );
  expect(flicker).toBeLessThan(0.35 * differenceAlong(alone, origins));
  // And it is no standing picture: it moves with the content.
  expect(together[4]?.picture.data).not.toEqual(together[3]?.picture.data);
});

test("another picture is a cut, and begins a shot of its own", async () => {
  const upsideDown: Picture = { ...style, data: style.data.slice().reverse() };
  const [first, second, third] = await paintAll([style, upsideDown, upsideDown]);
  expect([first?.begins, second?.begins, third?.begins]).toEqual([true, true, false]);
  expect(second?.picture.data).toEqual((await paint(upsideDown)).picture.data);
});

test("a frame of another size begins a shot", async () => {
  const wide: Picture = { width: 96, height: 48, channels: 3, data: style.data.slice(0, 3 * 96 * 48) };
  const results = await paintAll([style, wide]);
  expect(results.map(({ begins }) => begins)).toEqual([true, true]);
  expect([results[1]?.picture.width, results[1]?.picture.height]).toEqual([96, 48]);
});

test("a frame by another network begins a shot: what the one before measured is of other layers", async () => {
  const folder = mkdtempSync(join(tmpdir(), "impasto-sequence-"));
  const detailerPath = writeDetailer(join(folder, "detailer.safetensors"), makeDetailer());
  const { shot } = await paint(style, new Uint8Array(), { networkPath: NETWORK, detailerPath });
  rmSync(folder, { recursive: true });
  const next = await paint(style, shot?.state);
  expect(next.shot?.begins).toBe(true);
  expect(next.picture.data).toEqual((await paint(style)).picture.data);
});

test("EXPECTED FAILURE - what is no shot's state, or half of one", async () => {
  const { shot } = await paint(style, new Uint8Array());
  const half = shot?.state.slice(0, shot.state.length / 2) ?? new Uint8Array();
  await expect(paint(style, half)).rejects.toMatchObject({ code: "bad-request" });
  await expect(paint(style, new Uint8Array(64).fill(7))).rejects.toMatchObject({ code: "bad-request" });
});

test("BAD CALL - a state that is no bytes", () => {
  const request = { content: style, styles: [{ picture: style, weight: 1 }], networkPath: SLIM.networkPath };
  const settings = { ...DEFAULT_SETTINGS, quality: "quick" as const, device: "cpu" as const };
  // @ts-expect-error a caller without types
  expect(() => stylize({ ...request, settings, painter: SLIM, shot: "x" })).toThrow(/Expected a Uint8Array for shot/);
});
