// How the addon is compiled and linked for each platform: no import but the system's and Node-API's, the C++ library
// inside, nothing exported but Node-API's two entry points.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { FLOORS } from "../platform.mjs";
import { OWN_NAME } from "./inspect.mjs";
import { findMacLinker, ROOT, run } from "./toolchain.mjs";

const require = createRequire(import.meta.url);
const NATIVE = join(ROOT, "native");
const HEADERS = dirname(require.resolve("node-api-headers/package.json"));
const ADDON_API = dirname(require.resolve("node-addon-api/package.json"));
const ENTRY_POINTS = ["napi_register_module_v1", "node_api_module_get_api_version_v1"];

const TRIPLES = {
  "linux-x64": `x86_64-linux-gnu.${FLOORS.glibc}`,
  "linux-arm64": `aarch64-linux-gnu.${FLOORS.glibc}`,
  "darwin-arm64": `aarch64-macos.${FLOORS.macos}`,
  "win32-x64": "x86_64-windows-gnu",
  "win32-arm64": "aarch64-windows-gnu",
};

const DEFINITIONS = [
  "NDEBUG",
  "NAPI_VERSION=9",
  "NODE_ADDON_API_CPP_EXCEPTIONS_ALL",
  "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
  "BUILDING_NODE_EXTENSION",
];
const WINDOWS_DEFINITIONS = ["NOMINMAX", "WIN32_LEAN_AND_MEAN"];

/** Paths of this machine stay out of the file, so that it is the same wherever it is built. */
export function compilerOptions(platform, work) {
  const definitions = platform.startsWith("win32") ? [...DEFINITIONS, ...WINDOWS_DEFINITIONS] : DEFINITIONS;
  return [
    ...["-target", TRIPLES[platform], "-std=c++20", "-O3", "-g0", "-fPIC"],
    ...["-fvisibility=hidden", "-fvisibility-inlines-hidden", "-ffunction-sections", "-fdata-sections"],
    ...["-Wall", "-Wextra", "-Wpedantic", "-Werror", ...definitions.map((name) => `-D${name}`)],
    ...["-isystem", join(HEADERS, "include"), "-isystem", ADDON_API, "-I", NATIVE],
    ...[`-ffile-prefix-map=${NATIVE}=native`, `-ffile-prefix-map=${work}=build`, `-ffile-prefix-map=${ROOT}=.`],
  ];
}

/** [sync] Objects of eight sources each: a third of the time of one by one. */
export function compile(zig, platform, work) {
  const list = /set\(SOURCES([^)]*)\)/.exec(readFileSync(join(NATIVE, "CMakeLists.txt"), "utf8"))?.[1] ?? "";
  const sources = list.trim().split(/\s+/);
  const batches = Array.from({ length: Math.ceil(sources.length / 8) }, (_, i) => sources.slice(8 * i, 8 * i + 8));
  return batches.map((batch, i) => {
    const source = `unity${i}.cc`;
    const object = `unity${i}.o`;
    writeFileSync(join(work, source), batch.map((name) => `#include "${name}"\n`).join(""));
    run(zig, ["c++", ...compilerOptions(platform, work), "-c", source, "-o", object], { cwd: work });
    return object;
  });
}

/** [sync] Writes the addon to `file`. */
export function link(zig, platform, work, objects, file) {
  const linkers = { linux: linkLinux, darwin: linkMac, win32: linkWindows };
  linkers[platform.split("-")[0]](zig, platform, work, objects, file);
}

function linkLinux(zig, platform, work, objects, file) {
  writeFileSync(
    join(work, "exports.map"),
    `{ global: ${ENTRY_POINTS.map((name) => `${name};`).join(" ")} local: *; };\n`,
  );
  // nodelete: threads of ours may still return through this code after the last environment closed it.
  const options = ["--gc-sections", "-z,nodelete", "--as-needed", "--version-script=exports.map"];
  const flags = ["-shared", "-s", ...options.map((option) => `-Wl,${option}`)];
  run(zig, ["c++", "-target", TRIPLES[platform], ...flags, "-o", file, ...objects], { cwd: work });
}

function linkWindows(zig, platform, work, objects, file) {
  writeFileSync(join(work, "node_imports.c"), nodeImports());
  const target = ["-target", TRIPLES[platform]];
  run(zig, ["cc", ...target, "-O2", "-g0", "-c", "node_imports.c", "-o", "node_imports.o"], { cwd: work });
  const flags = ["-shared", "-s", "-Wl,--gc-sections", "-Wl,--out-implib=unused.lib"];
  run(zig, ["c++", ...target, ...flags, "-o", file, ...objects, "node_imports.o"], { cwd: work });
  writeFileSync(file, withoutDate(readFileSync(file)));
}

/** A Windows library as if it had been linked in 1970. */
export function withoutDate(library) {
  const headerAt = 0x3c;
  const dateInHeader = 8;
  library.writeUInt32LE(0, library.readUInt32LE(headerAt) + dateInHeader);
  return library;
}

/**
 * Node-API is the host program's, whatever that is called: no import library, which names node.exe, but pointers that
 * are filled before anything else runs.
 */
function nodeImports() {
  const definition = readFileSync(join(HEADERS, "def", "node_api.def"), "utf8");
  const names = definition
    .split(/\r?\n/)
    .slice(2)
    .map((line) => line.trim());
  return `#include <windows.h>
#define EACH(X) ${names
    .filter(Boolean)
    .map((name) => `X(${name})`)
    .join(" ")}
#define POINTER(name) void* __imp_##name;
EACH(POINTER)
__attribute__((constructor(101))) static void resolve(void) {
  HMODULE host = GetModuleHandleW(L"node.dll");
  if (host == NULL) host = GetModuleHandleW(NULL);
#define RESOLVE(name) __imp_##name = (void*)GetProcAddress(host, #name);
  EACH(RESOLVE)
}
`;
}

/**
 * zig builds its C++ library and tells (-v) where it lies; LLVM's linker hides that library's symbols, which zig's own
 * does not quite: some could be bound to Apple's.
 */
function linkMac(zig, platform, work, objects, file) {
  const trial = ["c++", "-target", TRIPLES[platform], "-shared", "-v", "-Wl,-undefined,dynamic_lookup", "-o", "trial"];
  const { stderr } = run(zig, [...trial, ...objects], { cwd: work });
  const archives = new Set(stderr.match(/\S+\/lib(?:c\+\+abi|c\+\+|compiler_rt)\.a/g));
  // A kind of processor that LLVM 19 does not know.
  const system = readFileSync(join(dirname(zig), "lib", "libc", "darwin", "libSystem.tbd"), "utf8");
  writeFileSync(join(work, "libSystem.tbd"), system.replace(/arm64e\.x1-\w+\s*,\s*|,\s*arm64e\.x1-\w+/g, ""));
  const options = ["-arch", "arm64", "-dylib", "-platform_version", "macos", FLOORS.macos, FLOORS.macos];
  const exported = ENTRY_POINTS.flatMap((name) => ["-exported_symbol", `_${name}`]);
  const tidy = ["-undefined", "dynamic_lookup", "-adhoc_codesign", "-dead_strip", "-S", "-x"];
  const name = ["-install_name", OWN_NAME];
  run(
    findMacLinker(),
    [...options, ...tidy, ...name, ...exported, "-o", file, ...objects, ...archives, "libSystem.tbd"],
    {
      cwd: work,
    },
  );
}
