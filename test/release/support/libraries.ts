// What libraries and programs of macOS and Windows take from each other and from their system, read with LLVM's tools on any
// system.

import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { run } from "../../../companion/bundle/run.mjs";
import { exported } from "../../../native/prebuild/inspect.mjs";
import { findZig } from "../../../native/prebuild/toolchain.mjs";

export interface Taken {
  symbol: string;
  /** The library that has to have it, as the file names it: on macOS without its ending; "" for any, that is Node. */
  from: string;
}

export interface System {
  /** Whether a library is one of the system's. */
  has(library: string): boolean;
  /** What its libraries of that name give; null where no list of it is to be had here. */
  gives(library: string): Set<string> | null;
}

const read = (program: string, ...words: string[]) => run(program, words);

/** [sync] "Mach-O arm64", "COFF-ARM64" … */
export function formatOf(file: string): string {
  return /Format: (.*)/.exec(read("llvm-readobj", "--file-headers", file))?.[1] ?? "";
}

/** [sync] All that it cannot do without. What Windows knows by a number alone is left out. */
export function takenBy(file: string): Taken[] {
  if (formatOf(file).startsWith("Mach-O")) {
    const wanted = /\(undefined\) external _?(\S+) \((?:from (.*)|dynamically looked up)\)$/gm;
    const found = read("llvm-nm", "--undefined-only", "-m", file).matchAll(wanted);
    return [...found].map(([, symbol = "", from = ""]) => ({ symbol, from }));
  }
  const libraries = read("llvm-readobj", "--coff-imports", file)
    .split(/^(?:Delay)?Import \{$/m)
    .slice(1);
  return libraries.flatMap((text) => {
    const from = /^ {2}Name: (\S+)/m.exec(text)?.[1]?.toLowerCase() ?? "";
    const isNode = from === "node.exe";
    return [...text.matchAll(/Symbol: (\S+) \(/g)].map(([, symbol = ""]) => ({ symbol, from: isNode ? "" : from }));
  });
}

const known = new Map<string, Set<string>>();

function once(name: string, find: () => Iterable<string>): Set<string> {
  const names = known.get(name) ?? new Set(find());
  known.set(name, names);
  return names;
}

/** [sync] What others may take from a file. */
export function givenBy(file: string): Set<string> {
  return once(file, () => exported(file));
}

/** Whether a library is the one that others call by this name: "libonnxruntime" is libonnxruntime.1.dylib. */
export function isCalled(file: string, name: string): boolean {
  const [own, said] = [file, name].map((path) => basename(path).toLowerCase()) as [string, string];
  return own === said || (own.endsWith(".dylib") && own.startsWith(`${said}.`));
}

/** macOS' C library by Apple's list, which zig brings along; of its others the names are known alone. */
export const macOS: System = {
  has: (library) => /^\/(?:usr\/lib|System\/Library\/Frameworks)\//.test(library),
  gives: (library) => (library === "libSystem" ? once(library, cLibraryOfMac) : null),
};

function cLibraryOfMac(): string[] {
  const list = readFileSync(join(findZig(), "..", "lib", "libc", "darwin", "libSystem.tbd"), "utf8");
  // Each part begins with the processors that have what follows.
  const parts = list.split(/^ {2}- targets:/m).filter((part) => /\barm64e?-macos\b/.test(part.split("]")[0] ?? ""));
  const names = parts.flatMap((part) => part.match(/(?<=[[\s,'])_[^\s,'\]]+|dyld_stub_binder/g) ?? []);
  return names.map((name) => name.replace(/^_/, ""));
}

const WINE = "/usr/lib/x86_64-linux-gnu/wine/x86_64-windows";
/** Names that stand for parts of Windows, and the libraries that these lead to. */
const PARTS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^api-ms-win-crt-/, ["ucrtbase.dll"]],
  [/^api-ms-win-(?:core|appmodel)-/, ["kernelbase.dll", "kernel32.dll", "ntdll.dll"]],
  [/^api-ms-win-(?:eventing|service)-/, ["advapi32.dll", "sechost.dll"]],
];
/** Microsoft's Visual C++ runtime, which a message of ours names where it is missing; and one that Wine 8 lacks. */
const WITHOUT_LIST = /^(?:(?:msvcp140(?:_1|_atomic_wait)?|vcruntime140(?:_1)?)|bcryptprimitives)\.dll$/i;

/** Windows' libraries as Wine has them: those for x64, which are called the same. */
export const windows: System = {
  has: (library) => WITHOUT_LIST.test(library) || windowsLibraries(library).length > 0,
  gives: (library) =>
    WITHOUT_LIST.test(library)
      ? null
      : once(library, () => windowsLibraries(library).flatMap((file) => [...givenBy(file)])),
};

function windowsLibraries(name: string): string[] {
  const own = name.toLowerCase();
  const names = PARTS.find(([pattern]) => pattern.test(own))?.[1] ?? [own];
  return names.map((file) => join(WINE, file)).filter(existsSync);
}

/** [sync] Why Windows' lists are not to be had here, or null. */
export function missingForWindows(): string | null {
  return existsSync(WINE) ? null : "Wine is not installed (apt-get install wine64)";
}
