// impasto jobs where the ledger holds what a command cannot do.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newKey, openTestService, temporaryFolder, upload } from "../support/job-service.ts";
import { noisePng } from "../support/pictures.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";
import { runCli } from "./run-cli.ts";

test("A job whose pictures are gone is not done again, in words for people", async () => {
  const home = temporaryFolder();
  const engine = new ScriptedEngine();
  const service = await openTestService({ data: home, engine });
  const [content, style] = [await upload(service, noisePng(1)), await upload(service, noisePng(2))];
  const request = { content: { sha256: content }, styles: [{ sha256: style }], settings: {}, detached: true };
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
