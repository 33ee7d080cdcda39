// A run whose surroundings go away: the environment closes, the process exits, a signal arrives. Nothing may hang
// or crash, and no thread may outlive what it belongs to. Each case is a process of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NETWORK } from "../support/run.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Inside the package, so that the binding finds the addon from there. */
const FOLDER = join(ROOT, "node_modules", ".cache", "impasto-tests", `processes-${process.pid}`);

/** Prints "started" once a run that would take minutes is at its second iteration. */
const PRELUDE = `
  import { stylize } from "./binding.mjs";
  import { DEFAULT_SETTINGS } from "./settings.mjs";
  const picture = (width, height) => ({
    width, height, channels: 3,
    data: Float32Array.from({ length: 3 * width * height }, (_, i) => (i * 7919 % 1000) / 1000),
  });
  const settings = { ...DEFAULT_SETTINGS, device: "cpu", threads: 1, size: 64, minScale: 64, optimizer: "adam", firstIterations: 1e5 };
  const begin = (onProgress = () => {}) => stylize(
    { content: picture(64, 48), styles: [{ picture: picture(50, 50), weight: 1 }], settings, networkPath: ${JSON.stringify(NETWORK)} },
    { onProgress },
  );
  const started = () => new Promise((resolve) => {
    const run = begin(({ iteration }) => iteration > 1 && resolve(run));
    run.result.catch(() => {});
  });
`;

beforeAll(async () => {
  await build({
    entryPoints: {
      binding: join(ROOT, "native/binding/binding.ts"),
      load: join(ROOT, "native/binding/load.ts"),
      sizing: join(ROOT, "companion/protocol/sizing.ts"),
      settings: join(ROOT, "companion/protocol/settings.ts"),
    },
    outdir: FOLDER,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
  });
});

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

/** What takes this long hangs, however busy the machine is: alone, the longest of these takes four seconds. */
const HANGS_MS = 100_000;

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
}

/** Runs a script to its end; `during` sees the process and each line that it prints. */
function runScript(name: string, body: string, during?: (child: ChildProcess, line: string) => void): Promise<Ended> {
  const path = join(FOLDER, `${name}.mjs`);
  writeFileSync(path, PRELUDE + body);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path], { stdio: ["ignore", "pipe", "pipe"] });
    const timer = setTimeout(() => child.kill("SIGKILL"), HANGS_MS);
    let output = "";
    const collect = (chunk: Buffer) => {
      output += chunk;
      for (const line of String(chunk).split("\n")) during?.(child, line);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, output });
    });
  });
}

test("process.exit in mid-run ends the process with its own code", async () => {
  const { code, signal, output } = await runScript("exit", "await started(); process.exit(7);");
  expect({ code, signal, output }).toEqual({ code: 7, signal: null, output: "" });
});

test("an uncaught error in mid-run ends the process with its message", async () => {
  const { code, signal, output } = await runScript("throw", 'await started(); throw new Error("on purpose");');
  expect({ code, signal }).toEqual({ code: 1, signal: null });
  expect(output).toContain("on purpose");
});

test("a run keeps the process alive until it has ended, and no longer", async () => {
  const body = `
    settings.firstIterations = 20;
    begin().result.then(({ iterations }) => console.log("iterations", iterations));
  `;
  const { code, output } = await runScript("alive", body);
  expect({ code, output }).toEqual({ code: 0, output: "iterations 20\n" });
});

test("a run may be cancelled again while its end is under way", async () => {
  // As the environment does that closes just after an abort; every moment of the end is met by cancelling without pause.
  const body = `
    import { loadAddon } from "./load.mjs";
    import { resolveSettings } from "./sizing.mjs";
    const content = picture(200, 150);
    const request = {
      content, styles: [{ picture: picture(50, 50), weight: 1, layers: [], region: null, source: null }], protect: null, initial: null, networkPath: ${JSON.stringify(NETWORK)},
      draftNetworkPath: "", detailerPath: "",
      settings: resolveSettings({ ...settings, size: 200, minScale: 200 }, content), checkpoint: null, shot: null, snapshotEvery: 0, trace: false,
    };
    for (let i = 0; i < 8; i++) {
      let begun, ended;
      const progress = new Promise((resolve) => (begun = resolve));
      const end = new Promise((resolve) => (ended = resolve));
      const job = loadAddon().start(request, { progress: begun, trace() {}, done: ended, failed: ({ code }) => ended(code) });
      await progress;
      for (const until = performance.now() + 250; performance.now() < until; ) job.cancel();
      console.log(await end);
    }
  `;
  const { code, signal, output } = await runScript("cancel", body);
  expect({ code, signal, output }).toEqual({ code: 0, signal: null, output: "cancelled\n".repeat(8) });
});

test.each(["SIGINT", "SIGTERM"] as const)("%s ends the process by that signal", async (name) => {
  const body = 'await started(); console.log("started"); setInterval(() => {}, 1000);';
  const ended = await runScript(name, body, (child, line) => {
    if (line === "started") child.kill(name);
  });
  expect({ code: ended.code, signal: ended.signal }).toEqual({ code: null, signal: name });
});

test("on SIGINT a handler can stop the run and still have its picture", async () => {
  const body = `
    const run = await started();
    process.on("SIGINT", () => run.stop());
    console.log("started");
    const result = await run.result;
    console.log(result.stopped, result.picture.width, result.picture.height);
    process.exit(130);
  `;
  const ended = await runScript("handler", body, (child, line) => {
    if (line === "started") child.kill("SIGINT");
  });
  expect({ code: ended.code, output: ended.output }).toEqual({ code: 130, output: "started\ntrue 64 48\n" });
});

test("worker threads can be terminated in mid-run, again and again, without a crash or a hang", async () => {
  const body = `
    import { Worker, isMainThread, parentPort } from "node:worker_threads";
    import { fileURLToPath } from "node:url";
    if (isMainThread) {
      for (let i = 0; i < 12; i++) {
        const worker = new Worker(fileURLToPath(import.meta.url));
        await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
        await new Promise((resolve) => setTimeout(resolve, i * 7));
        await worker.terminate();
      }
      settings.firstIterations = 5;
      console.log((await begin().result).iterations);
    } else {
      for (let i = 0; i < 2; i++) begin(() => parentPort.postMessage("progress")).result.catch(() => {});
    }
  `;
  const { code, signal, output } = await runScript("workers", body);
  expect({ code, signal, output }).toEqual({ code: 0, signal: null, output: "5\n" });
});

test("a worker and the main thread run at the same time and take turns", async () => {
  const body = `
    import { Worker, isMainThread, parentPort } from "node:worker_threads";
    import { fileURLToPath } from "node:url";
    settings.firstIterations = 15;
    if (isMainThread) {
      const worker = new Worker(fileURLToPath(import.meta.url));
      const there = new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
      const [here, other] = await Promise.all([begin().result, there]);
      console.log(here.iterations, "same", Buffer.from(here.picture.data.buffer).equals(Buffer.from(other.data.buffer)));
    } else {
      const { picture } = await begin().result;
      parentPort.postMessage(picture);
    }
  `;
  const { code, output } = await runScript("turns", body);
  expect({ code, output }).toEqual({ code: 0, output: "15 same true\n" });
});

test("a plan keeps to the memory that the process's group of the system may take", async ({ skip }) => {
  const limit = 700 * 1024 ** 2;
  const group = limitedGroup(limit);
  if (group === null) return skip("no group with a limit of memory can be made here");
  const body = `
    import { appendFileSync } from "node:fs";
    import { plan } from "./binding.mjs";
    const size = { width: 8192, height: 8192 };
    const request = { content: size, styles: [{ picture: size, weight: 1 }], networkPath: ${JSON.stringify(NETWORK)} };
    const planned = async () => (await plan({ ...request, settings: { ...settings, size: 8192, optimizer: "lbfgs" } })).largestSize;
    const before = await planned();
    appendFileSync(${JSON.stringify(`${group}/cgroup.procs`)}, String(process.pid));
    // Elsewhere much more is free; what is free there changes from one moment to the next.
    console.log(before > 1.5 * await planned());
  `;
  const { output } = await runScript("group", body);
  rmdirSync(group);
  expect(output).toBe("true\n");
});

/** Of version 1 or 2; null where there is none to be had. */
function limitedGroup(bytes: number): string | null {
  for (const [mount, limit] of [
    ["memory", "memory.limit_in_bytes"],
    ["", "memory.max"],
  ] as const) {
    const group = join("/sys/fs/cgroup", mount, `impasto-${process.pid}`);
    try {
      mkdirSync(group);
    } catch {
      continue;
    }
    try {
      writeFileSync(join(group, limit), String(bytes), { flag: "r+" });
      return group;
    } catch {
      rmdirSync(group);
    }
  }
  return null;
}
