// doctor over a stand-in engine: what it names, and what it keeps to itself.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withoutHome } from "../../../companion/doctor.ts";
import { BUNDLE, cliEnvironment, FAKE_ADDON, runCli } from "./run-cli.ts";

test("names versions, devices, networks, and what auto would use", async () => {
  const { code, stdout } = await runCli(["doctor"], { env: { IMPASTO_ADDON: FAKE_ADDON } });
  expect(stdout).toMatch(
    /^Impasto \d+\.\d+\.\d+ on \w+-\w+, built [a-z0-9 ]+ \(\d{4}-\d\d-\d\d\)\n {2}Node \d+.*ONNX Runtime 0\.0\.0/,
  );
  expect(stdout).toMatch(/ {2}yes cpu {5}a fake\. always there/);
  expect(stdout).toMatch(/ {2}yes vgg19-slim \(embedded\): .* to relu\d_\d, sha256 [0-9a-f]{16}…\n {6}channels \d+/);
  expect(stdout).toMatch(/ {2}no {2}vgg19: .*impasto networks pull vgg19/);
  expect(stdout).toMatch(/With the default settings: cpu, network vgg19-/);
  expect(stdout).toMatch(/Everything that a run needs is there\.\n$/);
  expect(code).toBe(0);
});

test("--json is one object", async () => {
  const { stdout } = await runCli(["doctor", "--json"], { env: { IMPASTO_ADDON: FAKE_ADDON } });
  const report = JSON.parse(stdout);
  expect(report.checks.map(({ name, ok }: { name: string; ok: boolean }) => [name, ok])).toEqual([
    ["engine", true],
    ["gpu", true],
    ["devices", true],
    ["pictures", true],
    ["networks", true],
    ["auto", true],
  ]);
  expect(report.memory.freeBytes).toBeGreaterThan(0);
  expect(report.networks[0].sha256).toMatch(/^[0-9a-f]{64}$/);
});

test("does not call memory full where the system says nothing of it", (context) => {
  const blind = (command: string) =>
    spawnSync("unshare", ["--mount", "sh", "-c", `mount -t tmpfs none /proc && exec ${command}`], {
      encoding: "utf8",
      env: cliEnvironment({ IMPASTO_ADDON: FAKE_ADDON }),
    });
  if (blind("true").status !== 0) context.skip("nothing can be mounted here");
  expect(blind(`"${process.execPath}" "${BUNDLE}" doctor`).stdout).toMatch(
    / {2}(?:[\d.]+ GB memory; the|The) system does not say how much of it is free\n/,
  );
});

test("lists the folders that it keeps things in and whether each can be written, and makes none of them", async () => {
  const home = mkdtempSync(join(tmpdir(), "impasto-doctor-"));
  writeFileSync(join(home, "logs"), "a file, which nothing can be put into");
  mkdirSync(join(home, "blobs"));
  const env = { IMPASTO_ADDON: FAKE_ADDON, IMPASTO_HOME: home, IMPASTO_CACHE: "" };
  const { code, stdout } = await runCli(["doctor", "--json"], { env });
  const places = JSON.parse(stdout).folders.map((one: Record<string, unknown>) => Object.values(one).slice(0, 3));
  const left = readdirSync(home).sort();
  rmSync(home, { recursive: true });
  expect(places).toEqual([
    ["jobs and pairings", home, true],
    ["pictures", join(home, "blobs"), true],
    ["networks", join(home, "cache", "networks"), true],
    ["measurements", join(home, "cache"), true],
    ["logs", join(home, "logs"), false],
  ]);
  // The verdict about the GPU is kept in the cache.
  expect(left.filter((name) => name !== "cache")).toEqual(["blobs", "logs"]);
  expect(code).toBe(0);
});

test("EXPECTED FAILURE - without an engine the rest is still shown, with 1", async () => {
  const folder = mkdtempSync(join(tmpdir(), "impasto-doctor-"));
  const { code, stdout } = await runCli(["doctor"], { env: { IMPASTO_ADDON: join(folder, "none.node") } });
  rmSync(folder, { recursive: true });
  expect(code).toBe(1);
  expect(stdout).toMatch(/PROBLEM engine: The native engine is not built\. Run `npm run build`/);
  expect(stdout).toMatch(/yes vgg19-slim/);
});

test("a report holds neither the user's folder nor the user's name", () => {
  const home = process.env.HOME;
  process.env.HOME = "/somewhere/anna.example";
  try {
    const text = "/somewhere/anna.example/impasto/net is broken for anna.example";
    expect(withoutHome(text)).toBe("~/impasto/net is broken for (user)");
  } finally {
    process.env.HOME = home;
  }
});
