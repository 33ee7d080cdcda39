// The lock of a pull: who waits, who takes over, and what is said where waiting would be in vain.

import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { acquireLock } from "../../../companion/networks/lock.ts";
import { temporaryFolder } from "../support/job-service.ts";

const folder = temporaryFolder();

test("Of several that want it one has it at a time", async () => {
  const path = join(folder, "several.lock");
  let holders = 0;
  const work = async () => {
    const release = await acquireLock(path);
    holders += 1;
    expect(holders).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    holders -= 1;
    await release();
  };
  await Promise.all(Array.from({ length: 4 }, work));
});

test("One whose owner is gone is taken over", async () => {
  const path = join(folder, "gone.lock");
  writeFileSync(path, "half writt");
  utimesSync(path, 0, 0);
  const release = await acquireLock(path);
  expect(readFileSync(path, "utf8")).toContain(`"pid":${process.pid}`);
  await release();
});

test("One that can be neither read nor taken over is not waited for, and costs no processor time", async () => {
  const path = join(folder, "folder.lock");
  mkdirSync(path);
  const before = process.cpuUsage();
  await expect(acquireLock(path, { signal: AbortSignal.timeout(1000) })).rejects.toMatchObject({
    code: "file-not-writable",
  });
  const { user, system } = process.cpuUsage(before);
  expect(user + system).toBeLessThan(300_000);
});
