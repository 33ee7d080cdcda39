// The parts of a bundle for people without Node, on small examples: what is left out, what is double-clicked, the zip.

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { launcherFiles } from "../../../companion/bundle/launchers.mjs";
import { isLeftOut } from "../../../companion/bundle/left-out.mjs";
import { addonFor } from "../../../companion/bundle/stage.mjs";
import { withoutSymbols } from "../../../companion/bundle/without-symbols.mjs";
import { writeZip } from "../../../companion/bundle/write-zip.mjs";
import { recordSources } from "../../../native/prebuild/sources.mjs";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-bundle-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("what is left out", () => {
  test.each([
    "node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1",
    "node_modules/onnxruntime-node/bin/napi-v6/win32/arm64/onnxruntime.dll",
    "node_modules/onnxruntime-node/lib/index.js",
    "node_modules/onnxruntime-common/dist/ort-common.min.js",
    "node_modules/@photostructure/sqlite/prebuilds/darwin-arm64/@photostructure+sqlite.glibc.node",
    "node_modules/@photostructure/sqlite/src/upstream/sqlite3.c",
    "prebuilds/linux-x64/impasto.node",
    "dist/impasto.js.map",
    "node_modules/pino/test/basic.test.js",
    "node_modules/ajv/node_modules/fast-uri/benchmark/benchmark.mjs",
    "node_modules/@noble/hashes/README.md",
    "node_modules/fastify/fastify.d.ts",
    "node_modules/bullmq/dist/esm/index.js",
    "node_modules/luxon/build/es6/luxon.mjs",
    "node_modules/luxon/src/luxon.js",
    "node_modules/msgpackr/dist/test.js",
    "node_modules/adm-zip/adm-zip.js",
    "docs/third-party-notices.md",
  ])("%s is not in Windows' zip", (path) => expect(isLeftOut(path, "win32-x64")).toBe(true));

  test.each([
    "node_modules/onnxruntime-node/package.json",
    "node_modules/onnxruntime-node/dist/index.js",
    "node_modules/onnxruntime-node/bin/napi-v6/win32/x64/onnxruntime_binding.node",
    "node_modules/onnxruntime-common/dist/cjs/index.js",
    "node_modules/onnxruntime-node/bin/napi-v6/win32/x64/onnxruntime.dll",
    "node_modules/onnxruntime-node/bin/napi-v6/win32/x64/DirectML.dll",
    "node_modules/@photostructure/sqlite/prebuilds/win32-x64/@photostructure+sqlite.glibc.node",
    "node_modules/@img/sharp-win32-x64/lib/libvips-42.dll",
    "node_modules/chownr/LICENSE.md",
    "node_modules/fastify/docs/LICENSE",
    "node_modules/x/lib/test/probe.js",
    "node_modules/bullmq/dist/cjs/index.js",
    "node_modules/luxon/build/node/luxon.js",
    "node_modules/msgpackr/dist/node.cjs",
    "prebuilds/win32-x64/impasto.node",
    "companion/samples/CREDITS.txt",
    "dist/plugin/ui.html",
  ])("%s is", (path) => expect(isLeftOut(path, "win32-x64")).toBe(false));

  test("musl's libraries and macOS' second copy of ONNX Runtime's are in none", () => {
    expect(isLeftOut("node_modules/@photostructure/sqlite/prebuilds/linux-x64/@a+b.musl.node", "linux-x64")).toBe(true);
    const mac = "node_modules/onnxruntime-node/bin/napi-v6/darwin/arm64/libonnxruntime";
    expect(isLeftOut(`${mac}.1.30.0.dylib`, "darwin-arm64")).toBe(true);
    expect(isLeftOut(`${mac}.1.dylib`, "darwin-arm64")).toBe(false);
  });
});

describe("what is double-clicked", () => {
  const files = (os: "linux" | "darwin" | "win32") =>
    new Map(launcherFiles(os, "0.2.0").map(([name, text]) => [name, text]));

  /** A folder with a name that needs care, and a Node that prints what it is given. */
  function unpacked(): string {
    const home = join(folder, "100% (my) Söhne & $HOME");
    mkdirSync(join(home, "node"), { recursive: true });
    writeFileSync(join(home, "node", "node"), '#!/bin/sh\nprintf "%s\\n" "$@"\n');
    for (const [name, text] of files("linux")) writeFileSync(join(home, name), text);
    for (const name of ["impasto", "impasto.desktop", "node/node"]) chmodSync(join(home, name), 0o755);
    return home;
  }

  test("Linux' and macOS' start the companion with a code; with words of their own, the command line", ({ skip }) => {
    if (process.platform === "win32") skip("the launchers are for sh");
    const home = unpacked();
    const script = join(home, "app/dist/impasto.js");
    expect(execFileSync(join(home, "impasto"), { encoding: "utf8" })).toBe(`${script}\nserve\n--pair\n`);
    const words = ["stylize", "a b.png", "$HOME"];
    expect(execFileSync(join(home, "impasto"), words, { encoding: "utf8" })).toBe(`${[script, ...words].join("\n")}\n`);
    expect(files("darwin").get("Impasto.command")).toBe(files("linux").get("impasto"));
  });

  test("EXPECTED FAILURE - alone, as inside an unopened zip, it says what to do", ({ skip }) => {
    if (process.platform === "win32") skip("the launchers are for sh");
    const home = unpacked();
    rmSync(join(home, "node"), { recursive: true });
    const { status, stderr } = spawnSync(join(home, "impasto"), { encoding: "utf8" });
    expect([status, stderr]).toEqual([1, expect.stringContaining("Unpack the whole zip first")]);
  });

  test("the desktop entry is valid, and finds the folder it lies in", ({ skip }) => {
    if (process.platform === "win32") skip("the launchers are for sh");
    const home = unpacked();
    const entry = join(home, "impasto.desktop");
    const [, value = ""] = /^Exec=(.*)$/m.exec(readFileSync(entry, "utf8")) ?? [];
    // As desktops do it: the value's own escapes, the entry's path, then words as a shell takes them.
    const words = value.replaceAll("\\\\", "\\").replace("%k", `'${entry}'`);
    const said = execFileSync("sh", ["-c", words], { cwd: "/", encoding: "utf8" });
    expect(said).toBe(`${join(home, "app/dist/impasto.js")}\nserve\n--pair\n`);
    if (spawnSync("desktop-file-validate", ["--help"]).error !== undefined) {
      skip("desktop-file-validate, which reads the entry as desktops do, is not installed");
    }
    expect(spawnSync("desktop-file-validate", [entry], { encoding: "utf8" }).stdout).toBe("");
  });

  test("Windows' is a script with its own line ends, without blocks that a parenthesis in a folder's name would end", () => {
    const text = files("win32").get("Impasto.cmd") ?? "";
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    expect(text).not.toMatch(/[()]/);
    expect(text).toContain('"%HERE%node\\node.exe" "%HERE%app\\dist\\impasto.js" serve --pair\r\n');
    expect(text).toContain("Unpack the whole zip first");
  });

  test.each(["linux", "darwin", "win32"] as const)("%s' says how to start, how to stop and how to remove it", (os) => {
    const text = files(os).get("Read me first.txt") ?? "";
    for (const word of ["Impasto 0.2.0", "Close the window", "service remove"]) expect(text).toContain(word);
  });
});

describe("Node for Linux", () => {
  test("loses what only debuggers read, and runs as before", ({ skip }) => {
    if (process.platform !== "linux") skip("another system's programs are not cut");
    const whole = readFileSync(process.execPath);
    const cut = join(folder, "node");
    writeFileSync(cut, withoutSymbols(whole), { mode: 0o755 });
    expect(statSync(cut).size).toBeLessThan(whole.length * 0.95);
    const code = "console.log(process.version, require('node:crypto').createHash('sha256').update('').digest('hex'))";
    const says = (node: string) => execFileSync(node, ["--eval", code], { encoding: "utf8" });
    expect(says(cut)).toBe(says(process.execPath));
  });

  test("EXPECTED FAILURE - what is no program for Linux is refused", () => {
    expect(() => withoutSymbols(Buffer.from("MZ and what follows"))).toThrow("This is no 64-bit Linux program.");
  });
});

describe("the zip", () => {
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  test("is the same for the same files, whatever their order, date and rights", () => {
    const [a, b] = [write("a", "one"), write("b", "two")];
    writeZip(join(folder, "1.zip"), [
      ["x/b", b, false],
      ["x/a", a, true],
    ]);
    chmodSync(a, 0o600);
    write("b", "two");
    writeZip(join(folder, "2.zip"), [
      ["x/a", a, true],
      ["x/b", b, false],
    ]);
    const bytes = readFileSync(join(folder, "1.zip"));
    expect(Buffer.compare(bytes, readFileSync(join(folder, "2.zip")))).toBe(0);
    expect(Object.entries(unzipSync(bytes)).map(([name, text]) => [name, strFromU8(text)])).toEqual([
      ["x/a", "one"],
      ["x/b", "two"],
    ]);
  });

  test("keeps what may be run runnable, and names in UTF-8", ({ skip }) => {
    if (spawnSync("unzip", ["-v"]).error !== undefined) skip("unzip is not installed");
    writeZip(join(folder, "z.zip"), [
      ["x/impasto", write("a", "#!/bin/sh"), true],
      ["x/Söhne.txt", write("b", ""), false],
    ]);
    execFileSync("unzip", ["-q", join(folder, "z.zip"), "-d", join(folder, "out")]);
    const mode = (name: string) => statSync(join(folder, "out", "x", name)).mode & 0o777;
    expect([mode("impasto"), mode("Söhne.txt")]).toEqual([0o755, 0o644]);
  });
});

test("EXPECTED FAILURE - a platform without its addon, or with one of other sources, is told so in one sentence", () => {
  expect(() => addonFor(folder, "win32-arm64")).toThrow(
    /^There is no prebuilt engine for win32-arm64 yet: run `npm run prebuilds?` first\.$/,
  );
  for (const place of ["native/prebuild", "prebuilds/win32-arm64"]) mkdirSync(join(folder, place), { recursive: true });
  writeFileSync(join(folder, "prebuilds/win32-arm64/impasto.node"), "");
  const source = join(folder, "native/engine.cc");
  writeFileSync(source, "one");
  const refusal =
    /^The engine for win32-arm64 was built of other sources: run `npm run prebuilds -- win32-arm64` first\.$/;
  expect(() => addonFor(folder, "win32-arm64")).toThrow(refusal);
  recordSources(folder, "win32-arm64");
  expect(addonFor(folder, "win32-arm64").from).toBe("prebuilt");
  writeFileSync(join(folder, "native/readme.txt"), "not compiled");
  expect(addonFor(folder, "win32-arm64").from).toBe("prebuilt");
  writeFileSync(source, "other");
  expect(() => addonFor(folder, "win32-arm64")).toThrow(refusal);
});
