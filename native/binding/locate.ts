// Where the addon and ONNX Runtime's library lie: in a clone, or in an installed package.
// What may be missing on a machine is said in one sentence with the remedy.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ImpastoError } from "../../companion/protocol/errors.ts";
import { refusal, thisMachine } from "../platform.mjs";

export interface EngineFiles {
  /** The addon. */
  path: string;
  /** ONNX Runtime's library. */
  library: string;
  /** What to do where the addon cannot be opened. */
  remedy: string;
}

const LIBRARIES: Partial<Record<NodeJS.Platform, string>> = {
  linux: "libonnxruntime.so.1",
  darwin: "libonnxruntime.1.dylib",
  win32: "onnxruntime.dll",
};
/** In a scope as well, in which it may be published. */
const NAME = /^(?:@[^/]+\/)?impasto$/;
const PLATFORM = `${process.platform}-${process.arch}`;

/** [sync] Throws ImpastoError("addon-missing" | "onnxruntime-missing" | "platform-unsupported"). */
export function locateEngine(root: string = packageRoot()): EngineFiles {
  const isClone = existsSync(join(root, "native", "CMakeLists.txt"));
  const library = locateLibrary(root, isClone ? "Run `npm ci` in Impasto's folder." : "Install Impasto again.");
  const built = join(root, "build", "Release", "impasto.node");
  const prebuilt = join(root, "prebuilds", PLATFORM, "impasto.node");
  // Tests name another addon. What was built on this machine goes before what came with the package.
  const candidates = process.env.IMPASTO_ADDON === undefined ? [built, prebuilt] : [process.env.IMPASTO_ADDON];
  const path = candidates.find((candidate) => existsSync(candidate));
  const remedy = isClone
    ? "Run `npm run build` in Impasto's folder; it needs cmake and a C++ compiler."
    : "Install the package that was made for this system.";
  if (path !== undefined) return { path, library, remedy };
  throwIfUnsupported();
  if (isClone) throw new ImpastoError("addon-missing", "The native engine is not built.", { hint: remedy });
  const others = existsSync(dirname(dirname(prebuilt))) ? readdirSync(dirname(dirname(prebuilt))).sort() : [];
  const held = others.length === 0 ? "nor for any other system" : `but those for ${others.join(", ")}`;
  throw new ImpastoError("addon-missing", `This package holds no native engine for ${PLATFORM}, ${held}.`, {
    hint: remedy,
  });
}

/** Throws ImpastoError("platform-unsupported") on a system that Impasto cannot run on. */
export function throwIfUnsupported(cause?: unknown): void {
  const refused = refusal(thisMachine());
  if (refused === null) return;
  const { message, hint } = refused;
  throw new ImpastoError("platform-unsupported", message, cause === undefined ? { hint } : { hint, cause });
}

function locateLibrary(root: string, hint: string): string {
  let folder: string;
  try {
    folder = dirname(createRequire(join(root, "package.json")).resolve("onnxruntime-node/package.json"));
  } catch (cause) {
    throwIfUnsupported(cause);
    throw new ImpastoError("onnxruntime-missing", "The package onnxruntime-node is not installed.", { hint, cause });
  }
  const path = join(folder, "bin", "napi-v6", process.platform, process.arch, LIBRARIES[process.platform] ?? "");
  if (existsSync(path)) return path;
  throwIfUnsupported();
  throw new ImpastoError("onnxruntime-missing", `ONNX Runtime's library is missing: ${path}.`, { hint });
}

/** The folder of the package.json named impasto, above this file or the bundle that it is part of. */
function packageRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file)) {
      const content: unknown = JSON.parse(readFileSync(file, "utf8"));
      if (typeof content === "object" && content !== null && "name" in content && NAME.test(String(content.name)))
        return folder;
    }
    if (dirname(folder) === folder) {
      throw new ImpastoError("addon-missing", "Impasto's own folder was not found.", {
        hint: "Run Impasto from its repository or from the installed package.",
      });
    }
  }
}
