// Threads, windows and jobs by themselves under ThreadSanitizer, AddressSanitizer and UndefinedBehaviorSanitizer; then the
// addon under the latter two: a hundred small jobs of every kind, many of them cancelled, stopped, paused or changed at a
// random moment; and without them, for memory that keeps growing. Fails on any report, and on that.
//   npm run test:asan [jobs]

import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));
const here = dirname(fileURLToPath(import.meta.url));
const jobs = process.argv[2] ?? "100";

if (process.platform !== "linux") {
  console.log("skipped: the sanitizers are set up for Linux with g++ alone.");
  process.exit(0);
}

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: "inherit", cwd: root, ...options });
  if (error) throw error;
  if (status !== 0) {
    console.error(`${command} ${args.join(" ")} ended with ${status}.`);
    process.exit(1);
  }
}

/** Where the compiler keeps a runtime library. */
function libraryOf(name) {
  const path = spawnSync("g++", [`-print-file-name=${name}`], { encoding: "utf8" }).stdout?.trim();
  if (!path || !existsSync(path)) throw new Error(`${name} was not found. Install it: sudo apt-get install g++`);
  return path;
}

/** Sources of ours that programs of their own check, without Node and ONNX Runtime. */
function checkByItself(checks, sources, sanitizer) {
  const program = join(root, "build", "sanitize-checks");
  const options = ["-std=c++20", "-g", `-fsanitize=${sanitizer}`, "-pthread", "-Inative", "-Itest/native/support"];
  run("g++", [...options, checks, ...sources.map((name) => `native/${name}.cc`), "-o", program]);
  run(program, []);
  rmSync(program);
}

for (const sanitizer of ["thread", "address,undefined"]) {
  checkByItself("test/native/machine/side_by_side_checks.cc", ["machine/side_by_side"], sanitizer);
  checkByItself("test/native/image/windows_checks.cc", ["image/windows"], sanitizer);
  checkByItself(
    "test/native/addon/job_checks.cc",
    ["addon/job", "addon/turn", "machine/cgroups", "machine/threads"],
    sanitizer,
  );
}
run(process.execPath, ["native/build.mjs", "--sanitize"]);
// Inside the package, so that the binding finds its libraries from there.
const folder = join(root, "node_modules", ".cache", "impasto-tests", "asan");
await build({
  entryPoints: { jobs: join(here, "jobs.ts") },
  outdir: folder,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
});
const network = join(root, "test", "vectors", "vgg19-eighth.safetensors");
const runJobs = (mostGrowth, env) =>
  run(process.execPath, ["--expose-gc", join(folder, "jobs.mjs"), jobs, network, mostGrowth], {
    env: { ...process.env, ...env },
  });
// Measured in the latter half of a hundred jobs: 67 MB, of which most is the sanitizer's own, and 2.5 MB.
runJobs("150", {
  IMPASTO_ADDON: join(root, "build", "sanitize", "Release", "impasto.node"),
  LD_PRELOAD: [libraryOf("libasan.so"), libraryOf("libubsan.so")].join(" "),
  // A small quarantine, or the memory held back by the sanitizer would look like a leak.
  ASAN_OPTIONS: "quarantine_size_mb=8:detect_leaks=1:abort_on_error=0:exitcode=23",
  UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=1",
  LSAN_OPTIONS: `suppressions=${join(here, "leaks.txt")}:print_suppressions=0`,
});
run(process.execPath, ["native/build.mjs"]);
runJobs("24", {});
rmSync(folder, { recursive: true, force: true });
