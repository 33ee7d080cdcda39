// The systems that ONNX Runtime's package has a library for, and why another one is refused, by its name.

import { release } from "node:os";

/** Windows on ARM and macOS on Intel differ: what stands here is what the package ships. */
export const PLATFORMS = ["linux-x64", "linux-arm64", "darwin-arm64", "win32-x64", "win32-arm64"];

/** What ONNX Runtime's libraries were built for; the prebuilt addons keep to the same floors. */
export const FLOORS = { glibc: "2.28", macos: "14.0" };

/** Darwin 23 is macOS 14. */
const FIRST_DARWIN = 23;

export const SUPPORTED = "Use Linux (x64, arm64), macOS 14 or later (arm64) or Windows (x64, arm64).";

/** [sync] This machine. */
export function thisMachine() {
  const { platform, arch } = process;
  if (platform !== "linux") return { platform, arch, release: release() };
  process.report.excludeNetwork = true; // else it looks up the names of all interfaces
  return { platform, arch, release: release(), glibc: process.report.getReport().header.glibcVersionRuntime };
}

/**
 * Why Impasto cannot run there; null where it can.
 * @returns {{ message: string, hint: string } | null}
 */
export function refusal({ platform, arch, release: kernel, glibc }) {
  if (arch === "ia32" || arch === "arm") {
    return {
      message: `Impasto needs a 64-bit Node; this one is of the 32-bit kind (${platform}-${arch}).`,
      hint: "Install the 64-bit Node from https://nodejs.org, on a 64-bit system.",
    };
  }
  if (platform === "darwin" && arch === "x64") {
    return {
      message: "Macs with an Intel processor are not supported: ONNX Runtime ships no library for them.",
      hint: "On a Mac with Apple silicon this means that Node is the one for Intel: install the one for ARM64.",
    };
  }
  if (!PLATFORMS.includes(`${platform}-${arch}`)) {
    return { message: `ONNX Runtime ships no library for ${platform}-${arch}.`, hint: SUPPORTED };
  }
  if (platform === "darwin" && Number.parseInt(kernel, 10) < FIRST_DARWIN) {
    return { message: "ONNX Runtime needs macOS 14 or later.", hint: "Update macOS." };
  }
  if (platform === "linux" && glibc === undefined) {
    return {
      message: "ONNX Runtime needs glibc; Alpine and other systems on musl are not supported.",
      hint: "Use Debian, Ubuntu or another system on glibc; in a container, an image like node:24-slim.",
    };
  }
  if (platform === "linux" && isOlder(glibc, FLOORS.glibc)) {
    return {
      message: `ONNX Runtime needs glibc ${FLOORS.glibc} or later; this system has ${glibc}.`,
      hint: "Use Debian 10, Ubuntu 20.04, RHEL 8 or later.",
    };
  }
  return null;
}

/** Versions of two numbers: "2.9" is older than "2.28". */
function isOlder(version, floor) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [floorMajor = 0, floorMinor = 0] = floor.split(".").map(Number);
  return major < floorMajor || (major === floorMajor && minor < floorMinor);
}
