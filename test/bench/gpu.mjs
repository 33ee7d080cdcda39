// npm run bench:gpu: the native engine on this machine's GPU, as one Markdown block: agreement with the CPU, ms per loss and
// gradient, seconds of whole pictures, peak device memory; PyTorch beside it where a Python with torch and CUDA is found.
// Needs no network. What would not be done within the minutes is left out, and that is said.
//   node test/bench/gpu.mjs [--minutes 8] [--sizes 256,512,1024] [--repeats 10] [--devices webgpu,cuda] [--python PATH]

import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { bundleBench } from "./bundle.mjs";
import { makeNetwork } from "./make-network.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "8" },
    sizes: { type: "string", default: "256,512,1024" },
    repeats: { type: "string", default: "10" },
    devices: { type: "string", default: "webgpu,cuda" },
    python: { type: "string", default: process.env.IMPASTO_PYTHON ?? "python3" },
  },
});
const sizes = values.sizes.split(",").map(Number);
const endsAt = Date.now() + Number(values.minutes) * 60_000;
const timeLeft = () => endsAt - Date.now();
const run = promisify(execFile);

function smi(...fields) {
  const asked = spawnSync("nvidia-smi", [`--query-gpu=${fields.join(",")}`, "--format=csv,noheader,nounits"]);
  return asked.status === 0 ? String(asked.stdout).trim().split("\n")[0] : null;
}

/** MiB that the device holds beyond what it held before, at most; null where nothing tells. */
async function withPeak(work) {
  const before = Number(smi("memory.used") ?? Number.NaN);
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, Number(smi("memory.used") ?? Number.NaN));
  }, 300);
  try {
    const result = await work();
    return { result, peak: Number.isNaN(peak) ? null : peak - before };
  } finally {
    clearInterval(timer);
  }
}

/** A program's answer in JSON; what it said where it failed. */
async function ask(program, args) {
  try {
    const { stdout } = await run(program, args.map(String), { timeout: Math.max(1, timeLeft()), encoding: "utf8" });
    return JSON.parse(stdout);
  } catch (error) {
    const line = String(error.stderr ?? error.message)
      .trim()
      .split("\n")
      .find((each) => /error|impasto|expected|cannot|no /i.test(each));
    // As Node shows an error that nobody caught: [Error: words] {
    const words = line?.replace(/^\[?\w*Error: (.*?)\]?(?: \{)?$/, "$1");
    return { failed: timeLeft() <= 0 ? "left out: the minutes are over" : (words ?? "failed").slice(0, 160) };
  }
}

function networkFile(width) {
  const path = join(ROOT, "test", "artifacts", `random-${width}.safetensors`);
  mkdirSync(dirname(path), { recursive: true });
  if (!existsSync(path)) writeFileSync(path, makeNetwork({ width }));
  return path;
}

const NETWORKS = [
  ["slim", 0.25],
  ["half", 0.5],
  ["full", 1],
];

/** Of the native objective; `failed` where it could not be. */
async function measureObjective(peer, width, side, device) {
  return await withPeak(() => ask(process.execPath, [peer, networkFile(width), side, device, values.repeats]));
}

/** False where this machine has no such device, which is said in a sentence. */
async function objectiveRows(device) {
  const peer = await bundleBench("gpu-peer");
  console.log(`\n### ${device}: loss and gradient\n`);
  let first = await measureObjective(peer, NETWORKS[0][1], sizes[0], device);
  if (first.result.failed !== undefined) {
    console.log(`${device} is left out on this machine: ${first.result.failed}`);
    return false;
  }
  console.log(
    "| width | side, px | ms | the first, ms | gradient against the CPU | peak MiB |\n|---|---|---|---|---|---|",
  );
  for (const [name, width] of NETWORKS) {
    for (const side of sizes) {
      const { result, peak } = first ?? (await measureObjective(peer, width, side, device));
      first = null;
      if (result.failed !== undefined) {
        console.log(`| ${name} | ${side} | ${result.failed} | | | |`);
        continue;
      }
      const ms = (seconds) => (1000 * seconds).toFixed(1);
      const cells = [name, side, ms(result.seconds), ms(result.first), result.gradient.toExponential(1), peak ?? "–"];
      console.log(`| ${cells.join(" | ")} |`);
    }
  }
  return true;
}

async function pictureRows(device, folder) {
  console.log(`\n### ${device}: whole pictures, Tübingen × The Starry Night\n`);
  console.log("| network | quality | s | done by | peak MiB |\n|---|---|---|---|---|");
  const samples = ["tubingen", "starry-night"].map((name) => join(ROOT, "companion/samples", `${name}.jpg`));
  for (const network of ["vgg19-slim", "vgg19-half"]) {
    for (const quality of ["draft", "standard", "fine"]) {
      const out = join(folder, `${network}-${quality}.png`);
      const flags = ["--device", device, "--network", network, "--quality", quality, "--size", sizes.at(-1)];
      const command = [join(ROOT, "dist/impasto.js"), "stylize", ...samples, "-o", out, "--json", "--quiet", ...flags];
      const { result, peak } = await withPeak(() => ask(process.execPath, command));
      const by = result.failed ?? [result.device, result.fallback].filter(Boolean).join("; ");
      console.log(`| ${network} | ${quality} | ${result.seconds?.toFixed(1) ?? ""} | ${by} | ${peak ?? "–"} |`);
    }
  }
}

async function torchRows() {
  const found = spawnSync(values.python, ["-c", "import torch; assert torch.cuda.is_available()"], { stdio: "ignore" });
  if (found.status !== 0) {
    console.log(`\nPyTorch is left out: ${values.python} has no torch with CUDA (name another with --python).`);
    return;
  }
  console.log("\n### PyTorch, CUDA: the same losses\n\n| width | side, px | ms |\n|---|---|---|");
  const peer = join(ROOT, "test/bench/peer.py");
  for (const [name, width] of NETWORKS) {
    for (const side of sizes) {
      const answer = await ask(values.python, [peer, networkFile(width), side, 1, "cuda", values.repeats]);
      console.log(`| ${name} | ${side} | ${answer.failed ?? (1000 * answer.seconds).toFixed(1)} |`);
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), "impasto-gpu-"));
console.log(
  `## GPU: ${smi("name", "driver_version") ?? "its name is not known"}, ${cpus()[0]?.model}, Node ${process.version}`,
);
for (const device of values.devices.split(",")) {
  if (await objectiveRows(device)) await pictureRows(device, folder);
}
if (values.devices.includes("cuda")) await torchRows();
console.log("\nfp16: the engine computes in fp32.");
rmSync(folder, { recursive: true, force: true });
