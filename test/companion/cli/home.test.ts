// Users without a home folder, and with one that cannot be written: containers, services, build machines.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FAKE_ADDON, runCli } from "./run-cli.ts";

const SAMPLES = resolve(import.meta.dirname, "../../../companion/samples");
const STYLIZE = ["stylize", join(SAMPLES, "tubingen.jpg"), join(SAMPLES, "starry-night.jpg"), "-o", "out.png"];
/** No folder at all: what is not absolute counts as none. */
const NOWHERE = { HOME: "nowhere", USERPROFILE: "nowhere", LOCALAPPDATA: "" };
const NO_OVERRIDES = { IMPASTO_CACHE: "", XDG_CACHE_HOME: "", XDG_DATA_HOME: "", XDG_STATE_HOME: "" };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-home-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const impasto = (args: string[], home: Record<string, string>) =>
  runCli(args, { cwd: folder, env: { IMPASTO_ADDON: FAKE_ADDON, ...NO_OVERRIDES, ...home } });

describe("without a home folder", () => {
  test("help, doctor, the list of networks and a run do what they always do", async () => {
    for (const args of [["--help"], ["doctor"], ["networks", "list"], [...STYLIZE, "--iterations", "2"]]) {
      const { code, stderr } = await impasto(args, NOWHERE);
      expect([args[0], code, stderr]).toEqual([args[0], 0, expect.not.stringContaining("impasto:")]);
    }
    expect(readdirSync(folder)).toEqual(["out.png"]);
  });

  test("EXPECTED FAILURE - what keeps something says what to set", async () => {
    for (const args of [
      ["serve", "--no-open"],
      ["batch", STYLIZE[1] ?? "", "--style", STYLIZE[2] ?? "", "-o", "o"],
    ]) {
      const { code, stderr } = await impasto(args, NOWHERE);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^impasto: This user has no home.* IMPASTO_HOME/)]);
    }
  });

  test("IMPASTO_HOME stands in for it", async () => {
    const { code } = await impasto(["jobs", "list"], { ...NOWHERE, IMPASTO_HOME: join(folder, "home") });
    expect(code).toBe(0);
    expect(readdirSync(join(folder, "home"))).toContain("ledger.sqlite");
  });
});

test("a home folder that cannot be written costs no run", async () => {
  const home = join(folder, "home");
  writeFileSync(home, "a file, which nothing can be put into");
  const { code, stderr } = await impasto([...STYLIZE, "--iterations", "2"], {
    HOME: home,
    USERPROFILE: home,
    LOCALAPPDATA: home,
  });
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("impasto:")]);
});
