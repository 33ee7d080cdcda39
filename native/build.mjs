// Builds the addon into build/Release/impasto.node.
// cmake-js finds the headers and the generator; this file runs cmake with its commands, says nothing
// when all is well, and turns what a machine may lack into one sentence with the remedy.
//   node native/build.mjs [--sanitize] [--onnxruntime-include=DIR] [--verbose]
// --sanitize builds build/sanitize/Release/impasto.node with AddressSanitizer and UBSan.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { refusal, thisMachine } from "./platform.mjs";

const native = dirname(fileURLToPath(import.meta.url));
const root = dirname(native);
const require = createRequire(import.meta.url);
const verbose = process.argv.includes("--verbose");
const sanitize = process.argv.includes("--sanitize");
const includeDir = process.argv.find((argument) => argument.startsWith("--onnxruntime-include="))?.split("=")[1];

/** A reason that a person can act on; anything else keeps its stack. */
class BuildError extends Error {}

function findsProgram(name) {
  return spawnSync(name, ["--version"], { stdio: "ignore", shell: process.platform === "win32" }).status === 0;
}

function checkMachine() {
  const remedies = {
    linux: (name) => `Install it: sudo apt-get install ${name === "C++ compiler" ? "g++" : name}`,
    darwin: (name) => (name === "cmake" ? "Install it: brew install cmake" : "Install it: xcode-select --install"),
    win32: (name) =>
      name === "cmake"
        ? "Install it: winget install Kitware.CMake"
        : "Install Visual Studio Build Tools with the C++ workload.",
  };
  const refused = refusal(thisMachine());
  if (refused !== null) throw new BuildError(`${refused.message} ${refused.hint}`);
  const remedy = remedies[process.platform];
  try {
    require.resolve("cmake-js");
    require.resolve("node-addon-api");
  } catch {
    throw new BuildError("The package's dependencies are not installed. Run `npm ci` in the repository's folder.");
  }
  if (!findsProgram("cmake")) throw new BuildError(`cmake is needed to build the native engine. ${remedy("cmake")}`);
  const hasCompiler = [process.env.CXX, "c++", "g++", "clang++"].some((name) => name && findsProgram(name));
  if (process.platform !== "win32" && !hasCompiler) {
    throw new BuildError(`A C++ compiler is needed to build the native engine. ${remedy("C++ compiler")}`);
  }
}

function run([program, ...options]) {
  const result = spawnSync(program, options, { encoding: "utf8", maxBuffer: 64 << 20 });
  if (result.error) throw result.error;
  const output = `${result.stdout}${result.stderr}`;
  if (verbose) process.stdout.write(output);
  return { ok: result.status === 0, output };
}

async function build() {
  checkMachine();
  const { BuildSystem } = require("cmake-js");
  require("cmake-js/lib/logger.js").level = "error";
  const out = join(root, "build", ...(sanitize ? ["sanitize"] : []));
  const cMakeOptions = {
    ...(sanitize ? { IMPASTO_SANITIZE: "ON" } : {}),
    ...(includeDir === undefined ? {} : { ONNXRUNTIME_INCLUDE_DIR: includeDir }),
  };
  const system = new BuildSystem({ directory: root, out, config: "Release", cMakeOptions });
  system.cmake.projectRoot = native; // package.json stands in the root, CMakeLists.txt here

  const configure = await system.getConfigureCommand();
  const stamp = join(out, "configured.json");
  const wanted = JSON.stringify(configure);
  mkdirSync(out, { recursive: true });
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    for (const name of ["CMakeCache.txt", "CMakeFiles"]) rmSync(join(out, name), { recursive: true, force: true });
    const configured = run([...configure, "-B", out]);
    if (!configured.ok) {
      throw new BuildError(`cmake could not configure the native engine:\n${configured.output.trim()}`);
    }
    writeFileSync(stamp, wanted);
  }
  const parallel = String(Math.min(2, availableParallelism()));
  const built = run(["cmake", "--build", out, "--config", "Release", "--parallel", parallel]);
  if (!built.ok) {
    throw new BuildError(`The native engine did not compile:\n${built.output.trim()}`);
  }
  if (/\bwarning\b/.test(built.output)) {
    console.warn(`The native engine is built; this compiler had something to say:\n${built.output.trim()}`);
  }
}

try {
  await build();
} catch (error) {
  console.error(error instanceof BuildError ? error.message : error);
  process.exitCode = 1;
}
