// The lock of a pull: who waits, who takes over, and what is said where waiting would be in vain.

import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import type * as fsPromises from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { acquireLock } from "../../../companion/networks/lock.ts";
import { temporaryFolder } from "../support/job-service.ts";

const before = vi.hoisted(() => ({ rename: (_path: string): void => {} }));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof fsPromises>();
  return {
    ...real,
    rename: async (from: string, to: string) => {
      before.rename(from);
      await real.rename(from, to);
    },
    link: async () => {
      throw Object.assign(new Error("EPERM"), { code: "EPERM" });
    },
  };
});

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

test("One that somebody else takes over at the same moment stays theirs, also where a volume has no hard links", async () => {
  const path = join(folder, "same-moment.lock");
  const theirs = JSON.stringify({ pid: process.pid, host: hostname(), id: "theirs" });
  writeFileSync(path, "half writt");
  utimesSync(path, 0, 0);
  before.rename = () => {
    before.rename = () => {};
    writeFileSync(path, theirs);
  };
  const controller = new AbortController();
  const waiting = acquireLock(path, { signal: controller.signal, onWait: () => controller.abort() });
  await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
  expect(readFileSync(path, "utf8")).toBe(theirs);
});

test("One that can be neither read nor taken over is not waited for, and costs no processor time", async () => {
  const path = join(folder, "folder.lock");
  mkdirSync(path);
  const begun = process.cpuUsage();
  await expect(acquireLock(path, { signal: AbortSignal.timeout(1000) })).rejects.toMatchObject({
    code: "file-not-writable",
  });
  const { user, system } = process.cpuUsage(begun);
  expect(user + system).toBeLessThan(300_000);
});
