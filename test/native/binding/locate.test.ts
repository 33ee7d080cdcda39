// Which addon is taken in a clone and in an installed package, and what is said where there is none.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { locateEngine } from "../../../native/binding/locate.ts";

const PLATFORM = `${process.platform}-${process.arch}`;
let root: string;
let given: string | undefined;

beforeEach(() => {
  given = process.env.IMPASTO_ADDON;
  delete process.env.IMPASTO_ADDON;
  root = mkdtempSync(join(tmpdir(), "impasto-locate-"));
  mkdirSync(join(root, "node_modules"));
  symlinkSync(resolve("node_modules/onnxruntime-node"), join(root, "node_modules", "onnxruntime-node"), "junction");
});

afterEach(() => {
  if (given !== undefined) process.env.IMPASTO_ADDON = given;
  rmSync(root, { recursive: true });
});

function put(...path: string[]): string {
  const file = join(root, ...path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "");
  return file;
}

function refusal(): ImpastoError {
  try {
    locateEngine(root);
  } catch (error) {
    if (error instanceof ImpastoError) return error;
  }
  throw new Error("not refused");
}

test("an addon that was built here goes before the one that came along", () => {
  const prebuilt = put("prebuilds", PLATFORM, "impasto.node");
  expect(locateEngine(root).path).toBe(prebuilt);
  const built = put("build", "Release", "impasto.node");
  expect(locateEngine(root).path).toBe(built);
});

test("EXPECTED FAILURE - a clone that is not built is told how it is", () => {
  put("native", "CMakeLists.txt");
  expect(refusal()).toMatchObject({ code: "addon-missing", message: "The native engine is not built." });
  expect(refusal().hint).toMatch(/npm run build/);
});

test("EXPECTED FAILURE - a package without this platform's addon names this platform and those that it has", () => {
  expect(refusal().message).toBe(`This package holds no native engine for ${PLATFORM}, nor for any other system.`);
  put("prebuilds", "other-x64", "impasto.node");
  expect(refusal().message).toBe(`This package holds no native engine for ${PLATFORM}, but those for other-x64.`);
  expect(refusal().hint).not.toMatch(/npm run/);
});

test("EXPECTED FAILURE - without ONNX Runtime, an installed package is not told to run `npm ci`", () => {
  rmSync(join(root, "node_modules"), { recursive: true });
  expect(refusal()).toMatchObject({ code: "onnxruntime-missing", hint: "Install Impasto again." });
  put("native", "CMakeLists.txt");
  expect(refusal().hint).toMatch(/npm ci/);
});
