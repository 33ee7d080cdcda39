// Machines that this one can be: a Debian with nothing but the C library, the same on ARM under qemu, Windows under Wine.
// Each is a command line in front of Node's; or the reason why it cannot be had here.

import { spawnSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../companion/bundle/run.mjs";
import { findZig } from "../../../native/prebuild/toolchain.mjs";

export interface Machine {
  /** Runs a program there; paths are the machine's own. */
  run(words: readonly string[]): { status: number | null; stdout: string; stderr: string };
  /** What lies at a path of this machine is there at this path. */
  path(path: string): string;
}

const MIRROR = "http://deb.debian.org/debian";
const NO_MORE = ["libc6", "libstdc++6", "libgcc-s1", "dash", "coreutils"];
/** Linux' mark of programs for ARM64 (binfmt_misc). */
const ARM_PROGRAM = String.raw`:arm64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff`;
const WINE = ["/usr/lib/wine/wine64", "/usr/bin/wine64", "/usr/bin/wine"];
/**
 * A Raspberry Pi 4's: what every ARM64 can do. As `max`, qemu's default, which has SVE and SME as well, it took more than
 * four times the work.
 */
const ARM_PROCESSOR = "cortex-a72";
/** Of what hangs: a 64 px picture takes two minutes of a processor under qemu, and a busy machine five times that. */
const RUN_LIMIT_MS = 2_400_000;

/** [sync] Why there is no such machine here, or null. */
export function missingFor(kind: "chroot" | "arm64" | "wine"): string | null {
  if (process.platform !== "linux" || process.arch !== "x64") return "it is made on Linux x64 alone";
  if (kind === "wine") return WINE.some(existsSync) ? null : "Wine is not installed (apt-get install wine64)";
  if (spawnSync("mmdebstrap", ["--version"]).error) return "mmdebstrap is not installed (apt-get install mmdebstrap)";
  const { status, stderr } = enter("/", "", ["true"]);
  return status === 0 ? null : `no namespace of its own can be made here: ${stderr.trim()}`;
}

/** A Debian 12 in `folder` that has the C and the C++ library and a shell; what else lies in `folder` is there as well. */
export function debian(folder: string, arch: "amd64" | "arm64"): Machine {
  bootstrap(folder, arch, NO_MORE, []);
  const qemu = arch === "arm64" ? emulator(`${folder}-qemu`) : "";
  for (const name of ["proc", "dev", "sys"]) mkdirSync(join(folder, name), { recursive: true });
  return {
    run: (words) => enter(folder, qemu, words),
    path: (path) => path.slice(folder.length),
  };
}

function bootstrap(folder: string, arch: string, packages: readonly string[], suites: readonly string[]): void {
  const sources = ["bookworm", ...suites].map((suite) => `deb ${MIRROR} ${suite} main`);
  const release = suites.map((suite) => `--aptopt=APT::Default-Release "${suite}"`);
  const wanted = [`--architectures=${arch}`, `--include=${packages.join(",")}`];
  run("mmdebstrap", ["--variant=extract", ...wanted, ...release, "bookworm", folder, ...sources]);
}

/** Debian 12's own, 7.2, crashes in ONNX Runtime's library. */
function emulator(folder: string): string {
  bootstrap(folder, "amd64", ["qemu-user-static"], ["bookworm-backports"]);
  return join(folder, "usr", "bin", "qemu-aarch64");
}

/** Mounts and emulation are seen by this command alone. */
function enter(folder: string, qemu: string, words: readonly string[]) {
  const script = [
    "set -e",
    'if [ -n "$2" ]; then mount -t binfmt_misc none /proc/sys/fs/binfmt_misc; printf "%s:$2:F" "$3" > /proc/sys/fs/binfmt_misc/register; fi',
    'if [ "$1" != / ]; then mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"; mount --rbind /sys "$1/sys"; fi',
    'root=$1; shift 3; exec chroot "$root" "$@"',
  ].join("\n");
  // What ends `unshare`, which passes over gentler signals, ends all of it.
  const namespaces = ["--user", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child=KILL"];
  return start(["unshare", ...namespaces, "sh", "-c", script, "sh", folder, qemu, ARM_PROGRAM, ...words], {
    PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    HOME: "/root",
    QEMU_CPU: ARM_PROCESSOR,
  });
}

/** Windows with a home of its own in `folder`. */
export function wine(folder: string): Machine {
  const program = WINE.find(existsSync) ?? "";
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    WINEPREFIX: join(folder, "wine"),
    WINEDEBUG: "-all",
    LC_ALL: "C.UTF-8",
  };
  mkdirSync(folder, { recursive: true });
  start([program, "wineboot", "--init"], env);
  start([program, "winecfg", "-v", "win10"], env); // Node refuses what is older
  addRandomNumbers(join(env.WINEPREFIX, "drive_c", "windows", "system32", "bcryptprimitives.dll"));
  return { run: (words) => start([program, ...words], env), path: (path) => `Z:${path.replaceAll("/", "\\")}` };
}

/** Wine before 9 lacks a library of Windows' that libvips takes its random numbers from. */
function addRandomNumbers(library: string): void {
  if (existsSync(library)) return;
  const source = `${library}.c`;
  writeFileSync(
    source,
    `#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) { return RtlGenRandom(data, (ULONG)size); }
`,
  );
  run(findZig(), ["cc", "-target", "x86_64-windows-gnu", "-shared", "-O2", "-s", source, "-ladvapi32", "-o", library]);
}

/** Into files: Node under Wine cannot write into pipes. */
function start([program = "", ...words]: readonly string[], env: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), "impasto-said-"));
  try {
    const files = ["stdout", "stderr"].map((name) => openSync(join(folder, name), "w"));
    const { status, error } = spawnSync(program, words, {
      env,
      timeout: RUN_LIMIT_MS,
      killSignal: "SIGKILL",
      stdio: ["ignore", ...files],
    });
    for (const file of files) closeSync(file);
    const [stdout = "", stderr = ""] = ["stdout", "stderr"].map((name) => readFileSync(join(folder, name), "utf8"));
    return { status, stdout, stderr: `${stderr}${error?.message ?? ""}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a machine needs to ask the registry: names, certificates, and npm's settings as words for `env`. */
export function letAskRegistry(folder: string): string[] {
  const certificates = ["/etc/ssl/certs/ca-certificates.crt"].filter(existsSync);
  for (const file of ["/etc/resolv.conf", "/etc/hosts", ...certificates]) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    copyFileSync(file, join(folder, file));
  }
  const registry = run("npm", ["config", "get", "registry"]).trim();
  return [`npm_config_registry=${registry}`, ...certificates.map((file) => `npm_config_cafile=${file}`)];
}
