// What an addon for any platform needs of the machine that opens it, read with LLVM's tools.

import { run } from "./toolchain.mjs";

/** On macOS, where a library bears one. */
export const OWN_NAME = "@rpath/impasto.node";

/** [sync] The libraries that it names, and on Linux the newest glibc whose symbols it uses. */
export function imports(file) {
  const { stdout } = run("llvm-readobj", ["--needed-libs", "--coff-imports", "--version-info", file]);
  const windows = [...stdout.matchAll(/^ {2}Name: (\S+)/gm)].map((match) => match[1]);
  const needed = /NeededLibraries \[\n([^\]]*)\]/.exec(stdout)?.[1] ?? "";
  // On macOS a library's own name stands among them.
  const libraries = [...windows, ...needed.split("\n").map((line) => line.trim())].filter(
    (name) => name !== "" && name !== OWN_NAME,
  );
  const glibc = newest([...stdout.matchAll(/\bGLIBC_(\d+\.\d+)/g)].map((match) => match[1]));
  // On Windows each one is named once by what is imported and once more by what is needed.
  return [...new Set(glibc === null ? libraries : [...libraries, `glibc ${glibc}`])];
}

/** [sync] Symbols that others may link to. */
export function exported(file) {
  const format = run("llvm-readobj", ["--file-headers", file]).stdout;
  if (/Format: COFF/.test(format)) {
    const { stdout } = run("llvm-readobj", ["--coff-exports", file]);
    return [...stdout.matchAll(/^ {2}Name: (\S+)/gm)].map((match) => match[1]);
  }
  if (/Format: Mach-O/.test(format)) {
    // The table of symbols: LLVM 14, Debian 12's, does not find the trie of exports where it lies since macOS 12.
    const { stdout } = run("llvm-nm", ["--extern-only", "--defined-only", "--format=just-symbols", file]);
    return [...stdout.matchAll(/^_(\S+)$/gm)].map((match) => match[1]);
  }
  const { stdout } = run("llvm-readobj", ["--dyn-symbols", file]);
  const symbols = stdout.split("Symbol {").slice(1);
  const defined = symbols.filter((text) => /Binding: (?:Global|Weak)/.test(text) && !/Section: Undefined/.test(text));
  return defined.map((text) => /Name: ([^\s@]+)/.exec(text)?.[1]);
}

/** [sync] The oldest macOS that opens it. */
export function oldestMac(file) {
  const { stdout } = run("llvm-objdump", ["--macho", "--private-headers", file]);
  return /minos (\d+\.\d+)/.exec(stdout)?.[1] ?? null;
}

function newest(versions) {
  const weight = (version) => version.split(".").reduce((sum, part) => 1000 * sum + Number(part), 0);
  return versions.sort((a, b) => weight(b) - weight(a))[0] ?? null;
}
