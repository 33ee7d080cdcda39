// Machines that write 1,5 and call the capital of i İ: what is painted, told and taken there is the same.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makePng } from "../support/pictures.ts";
import { runCli } from "./run-cli.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-locales-"));
  for (const [name, step] of [
    ["photo.PNG", 4],
    ["style.png", 9],
  ] as const) {
    writeFileSync(
      join(folder, name),
      makePng(64, 48, (x, y) => [(step * x) % 256, (step * y) % 256, 90]),
    );
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function paint(locale: string) {
  const env = {
    LC_ALL: locale,
    LANG: locale,
    LOCPATH: folder,
    TZ: "Asia/Kathmandu",
    IMPASTO_HOME: join(folder, "home"),
  };
  const small = ["--size", "64", "--quality", "draft", "--first-iterations", "3", "--iterations", "2"];
  const exact = ["--device", "cpu", "--threads", "1", "--network", "vgg19-slim", "--strength", "33.5"];
  const args = ["stylize", "photo.PNG", "style.png", "-o", "out.PNG", "--trace", "run.ndjson", ...small, ...exact];
  const { code, stderr } = await runCli(args, { cwd: folder, env });
  expect(code, stderr).toBe(0);
  const records = readFileSync(join(folder, "run.ndjson"), "utf8").trim().split("\n");
  const losses = records.map((line) => (JSON.parse(line) as { losses: unknown }).losses);
  const batch = ["batch", "photo.PNG", "--style", "style.png", "-o", "out", ...small, ...exact, "--json"];
  const { stdout } = await runCli(batch, { cwd: folder, env });
  return { losses, picture: readFileSync(join(folder, "out.PNG")), batch: JSON.parse(stdout) as { failed: number } };
}

test.each(["de_DE", "tr_TR"])("a run in %s paints and tells what it does in C", async (language) => {
  const { status } = spawnSync("localedef", ["-i", language, "-f", "UTF-8", join(folder, `${language}.UTF-8`)]);
  // Warnings make it 1 with a locale that is in order.
  if (status !== 0 && status !== 1) throw new Error("This test needs localedef and the locales' sources.");
  const here = await paint(`${language}.UTF-8`);
  const plain = await paint("C");
  expect(here.losses).toEqual(plain.losses);
  expect(here.picture.equals(plain.picture)).toBe(true);
  expect(here.batch).toMatchObject({ failed: 0 });
});
