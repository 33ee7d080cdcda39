// Whether `auto` takes the GPU: what is measured when, and what an earlier measurement is good for.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { judgeGpu, verdictKey } from "../../../companion/gpu/choose-device.ts";
import type { ProbeOutcome } from "../../../companion/gpu/verdict.ts";

const HOUR_MS = 3_600_000;
const CARD = { names: ["a card"], drivers: ["1:2:3"], refused: "" };
const FAST: ProbeOutcome = { probe: { usable: true, faster: true, seconds: 0.004, cpuSeconds: 0.2, reason: "" } };
const SLOW: ProbeOutcome = {
  probe: { usable: true, faster: false, seconds: 2, cpuSeconds: 0.2, reason: "It is slower than the CPU." },
};
const WRONG: ProbeOutcome = {
  probe: { usable: false, faster: true, seconds: 0.004, cpuSeconds: 0.2, reason: "It computes wrong numbers." },
};

let folder: string;
let probes: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-gpu-"));
  probes = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

function ask(outcome: ProbeOutcome, { gpu = CARD, again = false, at = 0, ort = "1.30.0" } = {}) {
  const probe = async () => {
    probes += 1;
    return outcome;
  };
  return judgeGpu(gpu, verdictKey(gpu, ort), { file: join(folder, "cache", "gpu.json"), probe, again, now: () => at });
}

test("takes a GPU that agrees and is faster, and says what was measured", async () => {
  expect(await ask(FAST)).toEqual({
    chosen: true,
    usable: true,
    detail: "4.0 ms for a small loss and gradient, 200 ms on the CPU",
    measuredAt: 0,
    from: "measured",
  });
});

test.each([
  ["slower", SLOW, { usable: true, detail: "It is slower than the CPU." }],
  ["wrong", WRONG, { usable: false, detail: "It computes wrong numbers." }],
  ["hanging", { failure: "It was given up." }, { usable: false, detail: "It was given up." }],
])("does not take one that is %s, and says so", async (_, outcome, expected) => {
  expect(await ask(outcome)).toMatchObject({ chosen: false, ...expected });
});

test("refuses software without trying it, whatever was measured before", async () => {
  await ask(FAST);
  const verdict = await ask(FAST, { gpu: { ...CARD, refused: "It is a software renderer." } });
  expect(verdict).toMatchObject({ chosen: false, detail: "It is a software renderer.", from: "refused" });
  expect(probes).toBe(1);
});

test("measures once for a driver and library, and again for others", async () => {
  await ask(FAST);
  expect(await ask(WRONG)).toMatchObject({ chosen: true, from: "cached" });
  expect(probes).toBe(1);
  expect(await ask(WRONG, { gpu: { ...CARD, drivers: ["1:2:4"] } })).toMatchObject({ chosen: false, from: "measured" });
  expect(await ask(FAST, { ort: "1.31.0" })).toMatchObject({ chosen: true, from: "measured" });
});

test("measures again when asked to, and keeps that", async () => {
  await ask(FAST);
  expect(await ask(SLOW, { again: true })).toMatchObject({ chosen: false, from: "measured" });
  expect(await ask(FAST)).toMatchObject({ chosen: false, from: "cached" });
});

test("tries a failed one again after an hour, a measured one after a month", async () => {
  await ask(WRONG);
  expect(await ask(FAST, { at: HOUR_MS - 1 })).toMatchObject({ chosen: false, from: "cached" });
  expect(await ask(FAST, { at: HOUR_MS })).toMatchObject({ chosen: true, from: "measured" });
  const month = 30 * 24 * HOUR_MS;
  expect(await ask(SLOW, { at: month })).toMatchObject({ chosen: true, from: "cached" });
  expect(await ask(SLOW, { at: month + HOUR_MS })).toMatchObject({ chosen: false, from: "measured" });
});

test("a damaged file, or one from the future, counts as none", async () => {
  await ask(FAST, { at: 2 * HOUR_MS });
  expect(await ask(SLOW, { at: HOUR_MS })).toMatchObject({ from: "measured" });
  const file = join(folder, "cache", "gpu.json");
  writeFileSync(file, readFileSync(file, "utf8").slice(0, -10));
  expect(await ask(FAST, { at: HOUR_MS })).toMatchObject({ chosen: true, from: "measured" });
});

test("a cache folder that cannot be made costs nothing but the memory", async () => {
  writeFileSync(join(folder, "cache"), "a file where the folder should be");
  expect(await ask(FAST)).toMatchObject({ chosen: true });
  await ask(FAST);
  expect(probes).toBe(2);
});
