// The preinstall script, beside a stand-in for ONNX Runtime's package.

import { execFileSync } from "node:child_process";
import { cpSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";

const FOLDER = mkdtempSync(join(tmpdir(), "impasto-no-download-"));
const PACKAGE = join(FOLDER, "node_modules", "onnxruntime-node");
const SCRIPT = join(PACKAGE, "script", "install.js");
const STORED = join(FOLDER, "store.js");
const DOWNLOADS = "throw new Error('downloads');\n";

afterAll(() => rmSync(FOLDER, { recursive: true }));

beforeEach(() => {
  rmSync(FOLDER, { recursive: true });
  mkdirSync(dirname(SCRIPT), { recursive: true });
  mkdirSync(join(FOLDER, "native"));
  cpSync(join("native", "no-download.mjs"), join(FOLDER, "native", "no-download.mjs"));
  writeFileSync(join(PACKAGE, "package.json"), '{ "name": "onnxruntime-node" }');
  writeFileSync(STORED, DOWNLOADS);
  linkSync(STORED, SCRIPT);
});

function preinstall(env: Record<string, string> = {}): void {
  const { ONNXRUNTIME_NODE_INSTALL: _, ONNXRUNTIME_NODE_INSTALL_CUDA: __, ...rest } = process.env;
  execFileSync(process.execPath, ["native/no-download.mjs"], { cwd: FOLDER, env: { ...rest, ...env } });
}

test("ONNX Runtime's install script then does nothing, and the package manager's stored copy is what it was", () => {
  preinstall();
  execFileSync(process.execPath, [SCRIPT], { stdio: "pipe" });
  expect(readFileSync(STORED, "utf8")).toBe(DOWNLOADS);
});

test.each(["ONNXRUNTIME_NODE_INSTALL", "npm_config_onnxruntime_node_install_cuda"])(
  "whoever asks for more with %s keeps the script",
  (name) => {
    preinstall({ [name]: "cuda12" });
    expect(readFileSync(SCRIPT, "utf8")).toBe(DOWNLOADS);
  },
);

test("nothing is done where ONNX Runtime's package is not there yet", () => {
  rmSync(PACKAGE, { recursive: true });
  preinstall();
});
