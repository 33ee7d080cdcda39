// impasto jobs where the ledger holds what a command cannot do.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLedger } from "../../../companion/ledger/ledger.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { dataPaths } from "../../../companion/storage/data-folder.ts";
import { startTestServer } from "../server/harness.ts";
import { newKey, openTestService, request, temporaryFolder, upload } from "../support/job-service.ts";
import { noisePng } from "../support/pictures.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";
import { runCli } from "./run-cli.ts";

test("A job whose pictures are gone is not done again, in words for people", async () => {
  const home = temporaryFolder();
  const engine = new ScriptedEngine();
  const service = await openTestService({ data: home, engine });
  const [content, style] = [await upload(service, noisePng(1)), await upload(service, noisePng(2))];
  const request = {
    content: { sha256: content },
    styles: [{ picture: { sha256: style }, weight: 1 }],
    settings: {},
    detached: true,
  };
  const { job } = await service.submit(request, newKey());
  await service.cancel(job.id);
  await service.close();
  rmSync(join(home, "blobs", style.slice(0, 2), style));
  const { code, stderr } = await runCli(["jobs", "rerun", job.id], { env: { IMPASTO_HOME: home } });
  expect(code).toBe(1);
  expect(stderr).toBe(
    `impasto: The pictures of job ${job.id.slice(0, 8)} are no longer kept. Start it again from the files themselves.\n`,
  );
});

test("Jobs beyond the first page are listed and cleaned away, through a companion and without one", async () => {
  const home = temporaryFolder();
  const service = await openTestService({ data: home, idle: true });
  await service.close();
  const ledger = openLedger(dataPaths(home).ledger);
  const sha256 = "0".repeat(64);
  const ids = Array.from({ length: 1100 }, (_, index) => index.toString(16).padStart(32, "0"));
  ledger.transaction(() => {
    for (const id of ids) {
      const job = { id, owner: "o", request: request(sha256, sha256), settings: DEFAULT_SETTINGS };
      ledger.jobs.insert({ ...job, detached: true, batch: null }, ledger.stamp());
    }
    ledger.jobs.cancelAll(ids.slice(0, 2), ledger.stamps(2));
  });
  ledger.close();
  const impasto = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCli(["jobs", ...args, "--json"], { env: { IMPASTO_HOME: home } });
    expect([code, stderr]).toEqual([0, ""]);
    return JSON.parse(stdout) as { jobs: { id: string }[]; removed: number };
  };
  const listed = async (limit: number) => (await impasto("list", "--limit", String(limit))).jobs.map(({ id }) => id);
  const newestFirst = ids.toReversed();
  expect(await listed(100_000)).toEqual(newestFirst);
  expect(await listed(1001)).toEqual(newestFirst.slice(0, 1001));
  expect(await impasto("clean")).toEqual({ removed: 2 });

  const again = await openTestService({ data: home, idle: true });
  const server = await startTestServer({ service: again, dataFolder: home });
  try {
    expect(await listed(100_000)).toEqual(newestFirst.slice(0, -2));
    expect(() => again.list({ limit: 1, before: ids[0] ?? "" })).toThrow("There is no such job.");
  } finally {
    await server.stop();
    await again.close();
  }
});
