// The addons that `npm run prebuilds` made: what they need of a machine, what they show of themselves, and that macOS
// would take their signature. Platforms that are not built are skipped by name.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FLOORS, PLATFORMS } from "../../../native/platform.mjs";
import { exported, imports, oldestMac } from "../../../native/prebuild/inspect.mjs";

/** The system's own libraries: no C++ library, no compiler's, no node.exe. */
const SYSTEM: Record<string, RegExp> = {
  linux: /^(?:lib(?:c|m|dl|pthread|rt)\.so\.\d+|ld-linux-[\w-]+\.so\.\d+|glibc \d+\.\d+)$/,
  darwin: /^\/usr\/lib\/libSystem\.B\.dylib$/,
  win32: /^(?:KERNEL32\.dll|ntdll\.dll|ADVAPI32\.dll|api-ms-win-crt-[\w-]+\.dll)$/i,
};
const ENTRY_POINTS = ["napi_register_module_v1", "node_api_module_get_api_version_v1"];

describe.each(PLATFORMS)("%s", (platform) => {
  const file = join("prebuilds", platform, "impasto.node");
  const isBuilt = existsSync(file);
  if (!isBuilt) console.warn(`skipped: ${file} is not there (npm run prebuilds)`);
  const system = platform.split("-")[0] ?? "";

  test.runIf(isBuilt)("needs nothing but the system's own libraries", () => {
    const needed = imports(file);
    expect(needed.length).toBeGreaterThan(0);
    expect(needed.filter((name) => !SYSTEM[system]?.test(name))).toEqual([]);
  });

  test.runIf(isBuilt && system === "linux")("runs on the oldest glibc that ONNX Runtime runs on", () => {
    const used = imports(file).find((name) => name.startsWith("glibc "));
    const [, minor = Number.NaN] = (used ?? "").replace("glibc ", "").split(".").map(Number);
    expect(minor).toBeLessThanOrEqual(Number(FLOORS.glibc.split(".")[1]));
  });

  test.runIf(isBuilt)("shows Node-API's entry points alone", () => {
    expect(exported(file).sort()).toEqual(ENTRY_POINTS);
  });

  test.runIf(isBuilt)("holds no path of the machine that built it", () => {
    expect(readFileSync(file).includes(process.cwd())).toBe(false);
  });

  test.runIf(isBuilt && system === "darwin")("opens on the oldest macOS that ONNX Runtime runs on", () => {
    expect(oldestMac(file)).toBe(FLOORS.macos);
  });

  test.runIf(isBuilt && system === "darwin")("is signed ad hoc, and every page is the one that was signed", () => {
    const bytes = readFileSync(file);
    const directory = bytes.indexOf(Buffer.from([0xfa, 0xde, 0x0c, 0x02])); // CodeDirectory (xnu: cs_blobs.h)
    expect(directory).toBeGreaterThan(0);
    const field = (offset: number) => bytes.readUInt32BE(directory + offset);
    const [flags, hashOffset, slots, limit] = [field(12), field(16), field(28), field(32)];
    const pageBytes = 2 ** bytes.readUInt8(directory + 39);
    expect(flags & 2).toBe(2);
    expect(slots).toBe(Math.ceil(limit / pageBytes));
    for (let slot = 0; slot < slots; slot++) {
      const page = bytes.subarray(slot * pageBytes, Math.min((slot + 1) * pageBytes, limit));
      const signed = bytes.subarray(directory + hashOffset + 32 * slot, directory + hashOffset + 32 * (slot + 1));
      expect(createHash("sha256").update(page).digest().equals(signed), `page ${slot}`).toBe(true);
    }
  });
});
