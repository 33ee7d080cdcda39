// One version, in package.json; and the list of parts that goes with a release.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeSbom } from "../../companion/bundle/sbom.mjs";
import { ROOT, read } from "../tree/source-files.ts";

const { version } = JSON.parse(read("package.json")) as { version: string };
const check = (...tag: string[]) => spawnSync(join(ROOT, ".ci/check-version"), tag, { encoding: "utf8" });

test("the changelog tells of it, and a tag must fit it and be of a day", ({ skip }) => {
  if (process.platform === "win32") skip("the script is for bash");
  expect(check()).toMatchObject({ status: 0, stdout: `${version}\n` });
  const isReleased = !new RegExp(`^## ${version} .*unreleased`, "m").test(read("CHANGELOG.md"));
  const unreleased = { status: 1, stderr: expect.stringContaining(`still calls ${version} unreleased`) };
  expect(check(`v${version}`)).toMatchObject(isReleased ? { status: 0, stdout: `${version}\n` } : unreleased);
  expect(check("v9.9.9")).toMatchObject({ status: 1, stderr: expect.stringContaining("v9.9.9 does not fit") });
});

test("no other file of ours says which version this is", () => {
  const lock = JSON.parse(read("package-lock.json"));
  expect([lock.version, lock.packages[""].version]).toEqual([version, version]);
  expect(JSON.parse(read("manifest.json"))).not.toHaveProperty("version");
});

test("the list of parts has every runtime dependency, each with its license, and no development package", () => {
  const { bomFormat, components, dependencies } = makeSbom();
  expect(bomFormat).toBe("CycloneDX");
  const names = components.map(({ name }) => name);
  const own = JSON.parse(read("package.json"));
  expect(names).toEqual(expect.arrayContaining(Object.keys(own.dependencies)));
  expect(names).not.toContain("vitest");
  expect(new Set(dependencies.flatMap(({ dependsOn }) => dependsOn)).size).toBeGreaterThan(50);
  // HDF5's own license, which has no short name.
  const nameless = components.filter(({ licenses }) => licenses === undefined || licenses.length === 0);
  expect(nameless.map(({ name }) => name)).toEqual(["h5wasm"]);
});
