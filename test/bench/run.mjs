// npm run bench: seconds per loss and gradient of the native engine on the CPU, its share of this machine's
// matrix-product rate, its peak memory, and PyTorch in turns with it where a Python with torch is found.
//   node test/bench/run.mjs [--threads N] [--rounds 5] [--python PATH]...

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bundleBench } from "./bundle.mjs";
import { makeNetwork } from "./make-network.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    threads: { type: "string", default: String(Math.min(2, availableParallelism())) },
    rounds: { type: "string", default: "5" },
    python: { type: "string", multiple: true, default: [process.env.IMPASTO_PYTHON ?? "python3"] },
  },
});
const threads = Number(values.threads);
const rounds = Number(values.rounds);
const CHANNELS = [64, 128, 256, 512, 512];
const CONVOLUTIONS = [2, 2, 4, 4, 1];

/** Multiply-adds of forward and backward convolutions to relu5_1, times two. */
function flops(side, width) {
  let total = 0;
  let inputs = 3;
  for (const [block, count] of CONVOLUTIONS.entries()) {
    const outputs = CHANNELS[block] * width;
    for (let index = 0; index < count; index++) {
      total += 2 * 2 * 9 * inputs * outputs * (side >> block) ** 2;
      inputs = outputs;
    }
  }
  return total;
}

function networkFile(width) {
  const path = join(here, "..", "artifacts", `random-${width}.safetensors`);
  mkdirSync(dirname(path), { recursive: true });
  if (!existsSync(path)) writeFileSync(path, makeNetwork({ width }));
  return path;
}

/** A child that answers each line with one. */
function lineChild(program, options) {
  const child = spawn(program, options, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${program} ${options.join(" ")} ended early`);
    return JSON.parse(value);
  };
  return {
    next,
    ask: async () => {
      child.stdin.write("\n");
      return await next();
    },
    end: () => child.stdin.end(),
  };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const enginePeer = await bundleBench("engine-peer");
const engine = (width, side) =>
  lineChild(process.execPath, [enginePeer, networkFile(width), side, threads].map(String));

function row(width, side, samples) {
  const seconds = median(samples.map((sample) => sample.seconds));
  const rates = samples.map((sample) => flops(side, width) / sample.seconds / 1e9);
  const share = median(samples.map((sample, i) => rates[i] / sample.sgemm));
  const peak = Math.max(...samples.map((sample) => sample.peakMegabytes));
  const cells = [`${side}`, `${width}`, seconds.toFixed(3), median(rates).toFixed(0), `${(100 * share).toFixed(0)} %`];
  console.log(`| ${[...cells, peak.toFixed(0)].join(" | ")} |`);
}

/** In turns with it, pair by pair: a machine whose speed drifts slows both. */
async function compareWithPyTorch(python, side) {
  const ours = engine(1, side);
  const theirs = lineChild(python, [join(here, "peer.py"), networkFile(1), String(side), String(threads)]);
  const { torch } = await theirs.next();
  const pairs = [];
  await theirs.ask(); // the first run sets buffers up
  for (let i = 0; i < rounds; i++) pairs.push([(await ours.ask()).seconds, await theirs.ask()]);
  ours.end();
  theirs.end();
  const ratio = median(pairs.map(([a, b]) => b / a));
  const times = [0, 1].map((which) => median(pairs.map((pair) => pair[which])).toFixed(3));
  console.log(
    `${side} px, full width: ${times[0]} s; PyTorch ${torch} ${times[1]} s in turns: ${ratio.toFixed(2)}× faster.\n`,
  );
}

console.log(`${cpus()[0]?.model}, ${threads} threads, Node ${process.version}; medians of ${rounds} rounds\n`);
for (const python of values.python) {
  if (spawnSync(python, ["-c", "import torch"], { stdio: "ignore" }).status !== 0) {
    console.log(`PyTorch is left out: ${python} has no torch (name another with --python).\n`);
    continue;
  }
  for (const side of [256, 512]) await compareWithPyTorch(python, side);
}

console.log("| side, px | width | s per loss+gradient | GFLOP/s | of sgemm | peak MB |\n|---|---|---|---|---|---|");
for (const width of [1, 0.25]) {
  for (const side of [128, 256, 512, 1024]) {
    const child = engine(width, side);
    const samples = [];
    for (let i = 0; i < (side === 1024 && width === 1 ? Math.min(2, rounds) : rounds); i++)
      samples.push(await child.ask());
    child.end();
    row(width, side, samples);
  }
}
