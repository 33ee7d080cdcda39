// Two commands that would write into one folder at the same time.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { claimFolder } from "../../../companion/cli/claim-folder.ts";
import { createSaver, type Saver } from "../../../companion/cli/save-every.ts";
import type { Terminal } from "../../../companion/cli/terminal.ts";
import { temporaryFolder } from "../support/job-service.ts";
import { makePng } from "../support/pictures.ts";
import { runCli } from "./run-cli.ts";

test("a folder into which a batch or a sequence writes takes no second one, until the first has ended or died", async () => {
  const folder = temporaryFolder();
  const release = await claimFolder(folder);
  await expect(claimFolder(folder)).rejects.toMatchObject({
    code: "busy",
    message: `Another batch or sequence is writing into ${folder}.`,
  });
  await release();
  expect(readdirSync(folder)).toEqual([]);
  const gone = { pid: 2 ** 30, host: hostname(), id: "x" };
  writeFileSync(join(folder, ".impasto-lock"), JSON.stringify(gone));
  await (await claimFolder(folder))();
  expect(readdirSync(folder)).toEqual([]);
});

test.each(["batch", "sequence"])("a %s into a folder that is taken says so and leaves it as it is", async (command) => {
  const folder = temporaryFolder();
  const picture = makePng(64, 48, (x, y) => [4 * x, 5 * y, 90]);
  for (const name of ["a.png", "style.png"]) writeFileSync(join(folder, name), picture);
  const out = join(folder, "out");
  const release = await claimFolder(out);
  try {
    const { code, stderr } = await runCli([command, "a.png", "--style", "style.png", "-o", out], {
      cwd: folder,
      env: { IMPASTO_HOME: join(folder, "home") },
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining("Another batch or sequence is writing into")]);
    expect(readdirSync(out)).toEqual([".impasto-lock"]);
  } finally {
    await release();
  }
});

test("two runs of one name save their pictures of the way beside each other, and replace those of a run before", async () => {
  const folder = temporaryFolder();
  const out = join(folder, "out.png");
  const terminal = { note: () => undefined } as unknown as Terminal;
  const snapshot = (value: number) => ({
    iteration: 4,
    picture: { width: 2, height: 2, channels: 3 as const, data: new Float32Array(12).fill(value) },
  });
  const open = () => createSaver({ out, force: false }, 4, terminal, null);
  const save = async (value: number, saver: Saver) => {
    saver.onSnapshot(snapshot(value));
    return await saver.saved();
  };
  expect(await save(0, await open())).toEqual([join(folder, "out-00004.png")]);
  const old = readFileSync(join(folder, "out-00004.png"));
  const [one, other] = [await open(), await open()];
  expect(await save(1, one)).toEqual([join(folder, "out-00004.png")]);
  expect(await save(0.5, other)).toEqual([join(folder, "out-00004-2.png")]);
  expect(readFileSync(join(folder, "out-00004.png")).equals(old)).toBe(false);
});
