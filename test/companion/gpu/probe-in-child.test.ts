// The GPU's probe in its own process: children that answer, hang, crash or talk nonsense, and the real one.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { probeInChild } from "../../../companion/gpu/probe-in-child.ts";

const PROBE = { usable: true, faster: true, seconds: 0.01, cpuSeconds: 0.1, reason: "" };
/** How busy the machine is says nothing about the code. */
const PATIENT = { loadingMs: 60_000, tryingMs: 60_000 };
const folder = mkdtempSync(join(tmpdir(), "impasto-probe-"));
afterAll(() => rmSync(folder, { recursive: true }));

function child(name: string, source: string): string {
  const path = join(folder, `${name}.cjs`);
  writeFileSync(path, source);
  return path;
}

test("brings the measurement of a child that would live on, and ends it", async () => {
  const path = child(
    "answers",
    `setInterval(() => {}, 1000);
     process.send({ type: "loaded" });
     process.send({ type: "nonsense" });
     process.send({ type: "probed", probe: { ...${JSON.stringify(PROBE)}, seconds: process.pid } });`,
  );
  const outcome = await probeInChild(path, PATIENT);
  expect(outcome).toMatchObject({ probe: { usable: true, cpuSeconds: 0.1 } });
  const pid = "probe" in outcome ? outcome.probe.seconds : 0;
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});

test("gives a child up that hangs in its driver, two seconds after it has loaded, and ends it", async () => {
  const pidFile = join(folder, "pid");
  const path = child(
    "hangs",
    `require("node:fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
     process.send({ type: "loaded" }, () => { for (;;); });`,
  );
  const begin = performance.now();
  expect(await probeInChild(path)).toEqual({ failure: "It was given up after 2 s of trying." });
  expect(performance.now() - begin).toBeGreaterThan(1_900);
  await expect.poll(() => isAlive(Number(readFileSync(pidFile, "utf8"))), { timeout: 10_000 }).toBe(false);
});

test("EXPECTED FAILURE - a child that its driver takes down is a reason, not a crash", async () => {
  const aborts = child("aborts", `process.send({ type: "loaded" }, () => process.abort());`);
  expect(await probeInChild(aborts, PATIENT)).toEqual({ failure: "Trying it ended its process (SIGABRT)." });
  expect(await probeInChild(child("leaves", "process.exit(3)"), PATIENT)).toEqual({
    failure: "Trying it ended its process (code 3).",
  });
});

test("the real probe says what is wrong where there is no GPU", async () => {
  const drivers = process.env.VK_DRIVER_FILES;
  process.env.VK_DRIVER_FILES = "/dev/null";
  try {
    expect(await probeInChild(join("dist", "gpu-probe.js"), PATIENT)).toEqual({
      probe: { usable: false, faster: false, seconds: 0, cpuSeconds: 0, reason: "No usable GPU was found." },
    });
  } finally {
    if (drivers === undefined) delete process.env.VK_DRIVER_FILES;
    else process.env.VK_DRIVER_FILES = drivers;
  }
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
