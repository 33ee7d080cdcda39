// npm run bench:panel: seconds per iteration of the panel's own engine on WebGPU and on WebGL, in turns, in the Chromium,
// Chrome or Edge of this machine and with its GPU.
//   node test/bench/panel-gpu.mjs [--sizes 256,512,1024] [--rounds 10] [--software] [--flag TENSORFLOW_FLAG=NUMBER]...
// --software renders on the CPU, with SwiftShader: that says nothing about a GPU.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { bundleBench } from "./bundle.mjs";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "256,512,1024" },
    rounds: { type: "string", default: "10" },
    software: { type: "boolean", default: false },
    flag: { type: "string", multiple: true, default: [] },
  },
});
const sizes = values.sizes.split(",").map(Number);
const rounds = Number(values.rounds);

const { launchBrowser, SWIFTSHADER, SWIFTSHADER_WEBGPU } = await import(await bundleBench("../setup/browser"));
/** Chrome for Linux has WebGPU behind these. */
const HARDWARE = ["--enable-gpu", "--ignore-gpu-blocklist", "--enable-unsafe-webgpu", "--enable-features=Vulkan"];
const network = readFileSync(new URL("../../native/networks/vgg19-slim.safetensors", import.meta.url), "base64");
const { outputFiles } = await build({
  entryPoints: [new URL("panel-gpu-page.ts", import.meta.url).pathname],
  bundle: true,
  write: false,
  format: "iife",
  minify: true,
});

// WebGPU is for secure contexts, which localhost is and about:blank is not.
const server = createServer((_, response) => {
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end("<!doctype html><title>Impasto</title>");
}).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const browser = await launchBrowser(values.software ? [...SWIFTSHADER, ...SWIFTSHADER_WEBGPU] : HARDWARE);

async function openPage(backend) {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.addScriptTag({ content: outputFiles[0].text });
  const flags = Object.fromEntries(values.flag.map((one) => [one.split("=")[0], Number(one.split("=")[1])]));
  const started = await page.evaluate(([name, set]) => globalThis.bench.start(name, set), [backend, flags]);
  if (started === null) {
    console.log(`${backend}: this browser has none that computes right.`);
    return null;
  }
  console.log(`${backend}: ${started.name}, started in ${started.seconds.toFixed(1)} s`);
  return page;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const pages = { webgl: await openPage("webgl"), webgpu: await openPage("webgpu") };
const names = Object.keys(pages).filter((name) => pages[name] !== null);
console.log(`\n| side, px | ${names.map((name) => `${name}, s per iteration (the first)`).join(" | ")} |`);
console.log(`|---|${names.map(() => "---").join("|")}|`);
for (const side of sizes) {
  const first = {};
  const seconds = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names)
    first[name] = await pages[name].evaluate(([n, s]) => globalThis.bench.open(n, s), [network, side]);
  for (let round = 0; round < rounds; round++) {
    for (const name of names) seconds[name].push(await pages[name].evaluate(() => globalThis.bench.iterate()));
  }
  console.log(
    `| ${side} | ${names.map((n) => `${median(seconds[n]).toFixed(3)} (${first[n].toFixed(1)})`).join(" | ")} |`,
  );
}
await browser.close();
server.close();
