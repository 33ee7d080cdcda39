// Which systems are refused, and that each is told by its name and with what can be done.

import { expect, test } from "vitest";
import { type Machine, PLATFORMS, refusal, thisMachine } from "../../native/platform.mjs";

const DEBIAN: Machine = { platform: "linux", arch: "x64", release: "6.1.0", glibc: "2.36" };
const MAC: Machine = { platform: "darwin", arch: "arm64", release: "24.1.0" };

test("the machine that the tests run on is one of the supported ones", () => {
  expect(refusal(thisMachine())).toBeNull();
});

test.each(PLATFORMS)("%s is supported", (name) => {
  const [platform, arch] = name.split("-") as [NodeJS.Platform, string];
  expect(refusal({ platform, arch, release: "23.0.0", glibc: "2.28" })).toBeNull();
});

test.each<[string, Machine, RegExp, RegExp]>([
  ["musl", { ...DEBIAN, glibc: undefined }, /needs glibc; Alpine .* musl are not supported/, /node:24-slim/],
  ["an old glibc", { ...DEBIAN, glibc: "2.17" }, /glibc 2\.28 or later; this system has 2\.17/, /Debian 10/],
  ["a glibc whose number is the longer one", { ...DEBIAN, glibc: "2.9" }, /this system has 2\.9/, /Debian 10/],
  ["a 32-bit Linux", { ...DEBIAN, arch: "arm" }, /64-bit Node.*linux-arm\)/, /64-bit Node/],
  ["a 32-bit Windows", { platform: "win32", arch: "ia32", release: "10" }, /win32-ia32/, /64-bit Node/],
  ["a Mac on Intel", { ...MAC, arch: "x64" }, /Intel processor/, /Apple silicon/],
  ["an old macOS", { ...MAC, release: "22.6.0" }, /macOS 14 or later/, /Update macOS/],
  ["FreeBSD", { platform: "freebsd", arch: "x64", release: "14" }, /no library for freebsd-x64/, /Use Linux/],
  ["another processor", { ...DEBIAN, arch: "riscv64" }, /no library for linux-riscv64/, /Use Linux/],
])("EXPECTED FAILURE - %s is refused by name, with what can be done", (_name, machine, message, hint) => {
  const refused = refusal(machine);
  expect(refused?.message).toMatch(message);
  expect(refused?.hint).toMatch(hint);
});
