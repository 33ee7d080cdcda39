// One pass of the detailer: windows that do not show, what it refuses, and pictures that nobody would paint.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { loadAddon, toImpastoError } from "../../../native/binding/load.ts";
import { type DetailerFile, makeDetailer, writeDetailer } from "../support/detailer.ts";
import { randomPicture } from "../support/objective.ts";
import { NETWORK } from "../support/run.ts";
import { readSafetensors } from "../support/safetensors.ts";
import { picture, VECTORS } from "../support/vectors.ts";

const folder = mkdtempSync(join(tmpdir(), "impasto-detail-"));
afterAll(() => rmSync(folder, { recursive: true }));
const DETAILER = writeDetailer(join(folder, "detailer.safetensors"), makeDetailer());

interface Wish {
  draft: Picture;
  content: Picture;
  style?: Picture;
  share?: number;
  seed?: number;
  detailerPath?: string;
  windowPixels?: number;
  threads?: number;
}

async function addDetail({ draft, content, ...wish }: Wish): Promise<Picture> {
  const style = randomPicture(50, 44, 3);
  const rest = {
    carry: "transport" as const,
    networkPath: NETWORK,
    detailerPath: DETAILER,
    share: 1,
    seed: 5,
    threads: 2,
    windowPixels: 1e6,
  };
  return await loadAddon().addDetail({ ...rest, style, ...wish, draft, content });
}

const refusal = async (file: DetailerFile) => {
  const detailerPath = writeDetailer(join(folder, "bad.safetensors"), file);
  const pictures = { draft: randomPicture(32, 32, 1), content: randomPicture(48, 48, 2) };
  return await addDetail({ ...pictures, detailerPath }).then(
    () => "nothing",
    (error: unknown) => String(toImpastoError(error)),
  );
};

const furthest = (a: Picture, b: Picture) =>
  a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - (b.data[i] ?? Number.NaN))), 0);

function flat(width: number, height: number, value: number): Picture {
  return { width, height, channels: 3, data: new Float32Array(3 * width * height).fill(value) };
}

test("a picture painted in windows is the one painted whole", async () => {
  const pictures = { draft: randomPicture(520, 44, 1), content: randomPicture(1040, 88, 2) };
  const whole = await addDetail(pictures);
  const windows = await addDetail({ ...pictures, windowPixels: 64 * 704 });
  // float32 sums in another order, amplified up to 40 times by the transport where features hardly vary: 5e-4 all over
  // the picture (1.2e-3 at the most), no more where windows meet.
  expect(furthest(windows, whole)).toBeLessThan(4e-3);
});

test("a picture is the same by however many threads: its windows do not depend on them", async () => {
  const pictures = { draft: randomPicture(100, 88, 1), content: randomPicture(200, 176, 2), windowPixels: 1e5 };
  const one = await addDetail({ ...pictures, threads: 1 });
  for (const threads of [2, 3, 8]) {
    // Equal to the bit where each sum of a matrix product is made by one thread in one order, as all of ONNX Runtime's
    // kernels for the CPU do today; other windows are 6e-7 apart.
    expect(furthest(await addDetail({ ...pictures, threads }), one)).toBeLessThan(1e-7);
  }
});

test("agrees with the float64 reference, at full and at partial strength", async () => {
  const vector = readSafetensors(new URL("detailer.safetensors", VECTORS));
  const { metadata } = vector;
  const wish = {
    ...{ draft: picture(vector, "draft"), content: picture(vector, "content"), style: picture(vector, "style") },
    detailerPath: fileURLToPath(new URL("detailer-eighth.safetensors", VECTORS)),
    seed: Number(metadata.seed),
  };
  // float32, amplified up to 40 times where features hardly vary.
  expect(furthest(await addDetail(wish), picture(vector, "picture"))).toBeLessThan(2e-3);
  const partial = await addDetail({ ...wish, share: Number(metadata.partial) });
  expect(furthest(partial, picture(vector, "partial.picture"))).toBeLessThan(2e-3);
});

test("a share of 0 asks for nothing of the style", async () => {
  const pictures = { draft: randomPicture(40, 32, 1), content: randomPicture(80, 64, 2), share: 0 };
  const one = await addDetail({ ...pictures, style: randomPicture(50, 44, 3) });
  const other = await addDetail({ ...pictures, style: flat(64, 64, 0.9) });
  expect(furthest(one, other)).toBeLessThan(1e-5);
});

test.each([
  ["black", flat(64, 48, 0)],
  ["white", flat(64, 48, 1)],
  ["32 px", randomPicture(32, 32, 4)],
  ["a strip of 600 × 32 px", randomPicture(600, 32, 4)],
])("%s comes out finite and displayable", async (_, content) => {
  const draft = flat(Math.ceil(content.width / 2), Math.ceil(content.height / 2), content.data[0] ?? 0);
  for (const style of [flat(40, 40, 0), randomPicture(40, 40, 5)]) {
    const { data, width, height } = await addDetail({ draft, content, style });
    expect([width, height]).toEqual([content.width, content.height]);
    expect(data.every((value) => value >= 0 && value <= 1)).toBe(true);
  }
});

/** The same with its deep levels left out; `dead`: those, with maps that are 0 everywhere. */
function shallowTwins(): { dead: DetailerFile; shallow: DetailerFile } {
  const { tensors, metadata } = makeDetailer();
  const plan = JSON.parse(metadata.plan ?? "") as { levels: { layer: string; channels: number }[] };
  const below = plan.levels[1]?.channels ?? 0;
  const first = tensors.get("level3.conv1.weight") as { shape: number[]; values: Float32Array };
  const [out = 0, into = 0] = first.shape;
  const kept = Array.from({ length: out }, (_, i) => first.values.slice((i * into + below) * 9, (i + 1) * into * 9));
  const weight = { shape: [out, into - below, 3, 3], values: Float32Array.from(kept.flatMap((row) => [...row])) };
  const bias = [...tensors.keys()].filter((name) => name.startsWith("level4") && name.endsWith("bias"));
  const low = bias.map((name) => {
    const { shape = [] } = tensors.get(name) ?? {};
    return [name, { shape, values: new Float32Array(shape[0] ?? 0).fill(-1e4) }] as const;
  });
  const shallow = [...tensors].filter(([name]) => !/^level[45]/.test(name));
  return {
    dead: { metadata, tensors: new Map([...tensors, ...low]) },
    shallow: {
      metadata: { ...metadata, plan: JSON.stringify({ ...plan, levels: plan.levels.slice(2) }) },
      tensors: new Map([...shallow, ["level3.conv1.weight", weight]]),
    },
  };
}

test.each([1e6, 30_000])(
  "three levels paint what five do of which the deep ones are dead, in windows of %d px",
  async (windowPixels) => {
    const { dead, shallow } = shallowTwins();
    const pictures = { draft: randomPicture(100, 84, 1), content: randomPicture(200, 168, 2), windowPixels };
    const five = await addDetail({ ...pictures, detailerPath: writeDetailer(join(folder, "dead.safetensors"), dead) });
    const detailerPath = writeDetailer(join(folder, "shallow.safetensors"), shallow);
    const three = await addDetail({ ...pictures, detailerPath });
    // The same sums in another order, some hundred terms each, of values around 1.
    expect(furthest(five, three)).toBeLessThan(1e-4);
    expect(furthest(three, await addDetail(pictures))).toBeGreaterThan(1e-3);
  },
);

test("a file of another kind, or one that does not fit its plan or the network, is refused", async () => {
  const { tensors, metadata } = makeDetailer();
  const without = (name: string) => new Map([...tensors].filter(([key]) => key !== name));
  expect(await refusal({ tensors, metadata: { ...metadata, kind: "painting" } })).toMatch(/another kind/);
  expect(await refusal({ tensors, metadata: { ...metadata, plan: "{}" } })).toMatch(/plan has no usable version/);
  expect(await refusal({ tensors, metadata: { ...metadata, plan: metadata.plan?.replace("0.4", "4") ?? "" } })).toMatch(
    /usable mix/,
  );
  expect(await refusal({ tensors: without("level3.conv2.bias"), metadata })).toMatch(/level3.conv2 lacks/);
  expect(await refusal({ tensors: without("out.weight"), metadata })).toMatch(/out lacks/);
  const wide = new Map(tensors).set("level5.conv1.weight", {
    shape: [12, 70, 3, 3],
    values: new Float32Array(12 * 70 * 9),
  });
  expect(await refusal({ tensors: wide, metadata })).toMatch(/made for another network/);
  const broken = new Map(tensors).set("out.bias", { shape: [3], values: Float32Array.of(0, Number.NaN, 0) });
  expect(await refusal({ tensors: broken, metadata })).toMatch(/no numbers/);
});
