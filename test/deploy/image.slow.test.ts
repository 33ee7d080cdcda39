// The image, built by buildah as deploy/Dockerfile says, and what runs from it. Debian itself comes from its packages
// (mmdebstrap) and not from a registry of images, so that nothing but the registries of packages is reached. 20 minutes
// on two cores, and 15 GB of the disk.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../companion/support/redis.ts";
import { ROOT, read } from "../tree/source-files.ts";

const BASE = "docker.io/library/debian:trixie-slim";
const PACKAGE = "/usr/local/lib/node_modules/impasto";
const SAMPLES = `${PACKAGE}/companion/samples`;
const STARTS_WITHIN_MS = 120_000;

const missing = ["buildah", "mmdebstrap"].filter((tool) => spawnSync(tool, ["--version"]).error !== undefined);
const isRoot = process.getuid?.() === 0;
if (missing.length > 0) console.log(`skipped: type this, then run it again: apt-get install ${missing.join(" ")}`);
else if (!isRoot) console.log("skipped: building an image takes root");

const folder = mkdtempSync(join(tmpdir(), "impasto-image-"));
const STORE = ["--root", join(folder, "store"), "--runroot", join(folder, "run")];

/** What it prints, without the line's end; throws with the end of what it said otherwise. */
function run(command: string, ...words: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, words, { encoding: "utf8", cwd: ROOT, maxBuffer: 2 ** 28 });
  if (status === 0) return stdout.trim();
  throw new Error(`${command} ${words.join(" ")}: ${`${stdout}${stderr}`.slice(-4000)}`);
}

const buildah = (...words: string[]) => run("buildah", ...STORE, ...words);
/** Of one command in a container, whose own name is that of the machine there. */
const start = (container: string, { hostname = "companion", env = [] as string[] } = {}) => [
  ...["run", "--isolation", "chroot", "--network", "host", "--hostname", hostname],
  ...[...env.flatMap((each) => ["--env", each]), container, "--"],
];
const inside = (container: string, ...words: string[]) => buildah(...start(container), ...words);

/** A machine behind a proxy of its own has certificates of its own, which its containers need too. */
function trustAsHere(base: string): void {
  const { NODE_EXTRA_CA_CERTS: certificates } = process.env;
  if (certificates === undefined) return;
  buildah("add", base, certificates, "/certificates.pem");
  for (const name of ["NODE_EXTRA_CA_CERTS", "PIP_CERT"]) {
    buildah("config", "--env", `${name}=/certificates.pem`, base);
  }
}

/** A container of it; `target`: a stage of the Dockerfile, the last one where not given. */
function build(target?: string): string {
  const ways = ["--isolation", "chroot", "--network", "host", "--pull-never", "--layers"];
  const files = ["--ignorefile", "deploy/Dockerfile.dockerignore", "--file", "deploy/Dockerfile"];
  const tag = target ?? "impasto";
  buildah("build", ...ways, ...files, ...(target === undefined ? [] : ["--target", target]), "--tag", tag, ROOT);
  return container(tag);
}

/** It calls the companion by its name in the composition. */
const container = (image: string) => buildah("from", "--pull-never", "--add-host", "companion:127.0.0.1", image);

/** Words after `impasto`, of a service of the composition. */
function commandOf(service: string): string[] {
  const [, list = ""] =
    new RegExp(`^ {2}${service}:\\n(?: {3}.*\\n)*? {4}command: \\[(.*)\\]$`, "m").exec(read("deploy/compose.yaml")) ??
    [];
  return list.split(", ").map((word) => word.replaceAll('"', ""));
}

interface Service {
  /** What it printed, when it has said what was waited for. */
  said: RegExpExecArray;
  stop(): Promise<void>;
}

async function serve(
  container: string,
  hostname: string,
  words: string[],
  env: string[],
  says: RegExp,
): Promise<Service> {
  // A group of its own, because a signal to buildah does not reach what it runs.
  const child: ChildProcess = spawn(
    "buildah",
    [...STORE, ...start(container, { hostname, env }), "impasto", ...words],
    {
      detached: true,
    },
  );
  const gone = once(child, "exit");
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data: Buffer) => (printed += data));
  const end = Date.now() + STARTS_WITHIN_MS;
  for (;;) {
    const said = says.exec(printed);
    const stop = async () => {
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
      await gone;
    };
    if (said !== null) return { said, stop };
    if (Date.now() > end || child.exitCode !== null) {
      await stop();
      throw new Error(`impasto ${words.join(" ")} did not start: ${printed}`);
    }
    await sleep(100);
  }
}

describe.skipIf(missing.length > 0 || !isRoot)("The image", () => {
  let image = "";
  let redis: TestRedis;

  beforeAll(async () => {
    const archive = join(folder, "debian.tar");
    run("mmdebstrap", "--variant=minbase", "trixie", archive);
    const base = buildah("from", "scratch");
    buildah("add", base, archive, "/");
    trustAsHere(base);
    buildah("commit", base, BASE);
    image = build();
    redis = await startRedis();
  }, 3_600_000);

  afterAll(async () => {
    await redis?.stop();
    buildah("rm", "--all");
    rmSync(folder, { recursive: true, force: true });
  });

  test("is this version, run by a user of its own, without what built it", () => {
    expect(inside(image, "impasto", "--version")).toBe(JSON.parse(read("package.json")).version);
    expect(inside(image, "id", "-un")).toBe("impasto");
    expect(() => inside(image, "g++", "--version")).toThrow();
  });

  test("paints a picture", () => {
    const out = "/var/lib/impasto/painted.png";
    inside(
      image,
      "impasto",
      "stylize",
      `${SAMPLES}/tubingen.jpg`,
      `${SAMPLES}/starry-night.jpg`,
      "--size",
      "64",
      "-o",
      out,
    );
    expect(inside(image, "head", "--bytes", "4", out)).toContain("PNG");
  });

  test("is companion and worker by the composition's words: a batch is painted by the worker", async () => {
    const queue = `IMPASTO_QUEUE=${redis.url}`;
    const companion = await serve(
      image,
      "companion",
      commandOf("companion"),
      [queue],
      /listening at http:\/\/[^:\s]+:(\d+)/,
    );
    const [, port = ""] = companion.said;
    const token = inside(image, "impasto", "pair", "worker").split("\n").at(-1) ?? "";
    const other = container("impasto");
    const words = commandOf("worker").map((word) => word.replace("companion:47820", `companion:${port}`));
    const worker = await serve(
      other,
      "worker",
      words,
      [queue, `IMPASTO_WORKER_TOKEN=${token}`],
      /takes one job at a time/,
    );
    const out = "/var/lib/impasto/batch";
    const batch = [`${SAMPLES}/tubingen.jpg`, "--style", `${SAMPLES}/starry-night.jpg`, "--size", "64", "--out", out];
    inside(image, "impasto", "batch", ...batch);
    expect(inside(image, "ls", out)).toMatch(/tubingen.*\.png/);
    expect(inside(image, "impasto", "jobs", "list", "--json")).toMatch(/"worker":\s*"worker"/);
    await worker.stop();
    await companion.stop();
  });

  test("with --target webgpu paints by Vulkan, here by Mesa's on the processor", () => {
    const webgpu = build("webgpu");
    expect(inside(webgpu, "id", "-un")).toBe("impasto");
    expect(inside(webgpu, "impasto", "doctor")).toContain("llvmpipe");
    const out = "/var/lib/impasto/painted.png";
    const pictures = [`${SAMPLES}/tubingen.jpg`, `${SAMPLES}/starry-night.jpg`];
    inside(webgpu, "impasto", "stylize", ...pictures, "--device", "webgpu", "--size", "64", "-o", out);
    expect(inside(webgpu, "head", "--bytes", "4", out)).toContain("PNG");
  });

  // Nothing of a driver can be had without its card: whether it paints has to be tried on such a machine.
  test("with --target cuda has all that ONNX Runtime needs but the driver", () => {
    const cuda = build("cuda");
    expect(inside(cuda, "id", "-un")).toBe("impasto");
    const provider = `${PACKAGE}/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so`;
    // Not through buildah, which may lose what a short program prints on a busy machine.
    const lacking = run("chroot", buildah("mount", cuda), "ldd", provider)
      .split("\n")
      .filter((line) => line.includes("not found"));
    expect(lacking.map((line) => line.trim().split(" ")[0])).toEqual(["libcuda.so.1"]);
  });
});
