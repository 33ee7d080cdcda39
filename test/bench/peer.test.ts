// The benches are no part of `npm test`; this keeps the one that others rest on alive.

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { NETWORK } from "../native/support/run.ts";
import { bundleBench } from "./bundle.mjs";

test("the engine's peer answers a line with a line of finite numbers", async () => {
  const peer = await bundleBench("engine-peer");
  const { stdout, stderr } = spawnSync(process.execPath, [peer, NETWORK, "32", "1"], { input: "\n", encoding: "utf8" });
  expect(stderr).toBe("");
  const { seconds, sgemm, peakMegabytes } = JSON.parse(stdout);
  expect(seconds).toBeGreaterThan(0);
  expect(sgemm).toBeGreaterThan(0);
  expect(peakMegabytes).toBeGreaterThan(10);
});
