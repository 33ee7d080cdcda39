// `impasto networks …` as a user meets it: the built command line in processes of its own.

import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runCli } from "../cli/run-cli.ts";
import { type SourceServer, startSourceServer } from "./source-server.ts";
import { useTemporaryCache } from "./support.ts";
import { FULL_WIDTHS, randomKerasLayers, writeKerasFile } from "./synthetic.ts";

/** What a pull keeps by default: conv1_1 … conv5_1, 52 MB. */
const layers = randomKerasLayers(FULL_WIDTHS.slice(0, 13), 61);
/** Megabytes over loopback, on a machine that is busy with other work. */
const ARRIVED = { timeout: 60_000, interval: 20 };
const WAITS = /Another pull of this network is running/;
let keras: Buffer;
let source: SourceServer;
let cache: Awaited<ReturnType<typeof useTemporaryCache>>;

beforeAll(async () => {
  const first = await useTemporaryCache();
  await writeKerasFile(join(first.folder, "keras.h5"), layers);
  keras = await readFile(join(first.folder, "keras.h5"));
  await first.remove();
});
beforeEach(async () => {
  cache = await useTemporaryCache();
  source = await startSourceServer(keras);
});
afterEach(async () => {
  await source.close();
  await cache.remove();
});

function networks(...args: string[]) {
  return runCli(["networks", ...args], { env: { IMPASTO_CACHE: cache.folder } });
}

describe("impasto networks", () => {
  test("every subcommand's help shows three examples", async () => {
    const names = ["list", "pull", "verify", "import", "remove", "path", "normalize"];
    const helps = await Promise.all(
      [["--help"], ...names.map((name) => [name, "--help"])].map((args) => networks(...args)),
    );
    for (const { code, stdout } of helps) {
      expect(code).toBe(0);
      expect(stdout.match(/^ {2}\$ /gm), stdout).toHaveLength(3);
    }
  });

  test("path without a name prints where the network lies that standard and fine use", async () => {
    const { code, stdout } = await networks("path", "--json");
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      { name: "vgg19-half", path: expect.stringMatching(/vgg19-half\.safetensors$/) },
    ]);
  });

  test("pull, list, verify, path, remove", async () => {
    const pulled = await networks("pull", "vgg19", "--from", `${source.url}/vgg19.h5`, "--json");
    expect([pulled.code, JSON.parse(pulled.stdout)]).toMatchObject([
      0,
      { alreadyThere: false, network: { depth: 13 } },
    ]);
    expect(pulled.stderr).toMatch(/100 %/);
    expect(pulled.stderr).toMatch(/No published hash vouches/);
    const list = await networks("list", "--json");
    expect(JSON.parse(list.stdout).networks).toContainEqual(
      expect.objectContaining({ name: "vgg19", state: "present" }),
    );
    expect((await networks("list")).stdout).toMatch(/^vgg19 +there +25\.9 MB {2}to relu5_1 {2}CC BY 4\.0$/m);
    expect((await networks("verify")).stdout).toMatch(/vgg19: good/);
    const path = (await networks("path", "vgg19")).stdout.trim();
    expect(path).toBe(join(cache.folder, "networks", "vgg19.safetensors"));
    await writeFile(path, "damaged");
    const verified = await networks("verify", "--json");
    expect([verified.code, JSON.parse(verified.stdout).failed]).toMatchObject([
      1,
      [{ name: "vgg19", error: { code: "hash-mismatch" } }],
    ]);
    expect((await networks("remove", "vgg19")).code).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  test("Ctrl-C ends a pull with 130 and keeps what came; killed or not, the next one goes on from there", async () => {
    const args = ["networks", "pull", "vgg19", "--from", `${source.url}/vgg19.h5`];
    const part = join(cache.folder, "networks", "vgg19.safetensors.part");
    const kept = () => (existsSync(part) ? statSync(part).size : 0);
    /** Interrupts a pull once all that its answer brings has arrived; the rest of that answer never comes. */
    const interrupted = (signal: NodeJS.Signals, answerBytes: number) => {
      const whole = kept() + answerBytes;
      source.faults = { stallAfter: answerBytes };
      const act = (child: ChildProcess) =>
        expect
          .poll(kept, ARRIVED)
          .toBe(whole)
          .finally(() => child.kill(signal));
      return runCli(args, { env: { IMPASTO_CACHE: cache.folder }, when: { text: / % {2}/, act } });
    };
    const stopped = await interrupted("SIGINT", 20_000_000);
    expect([stopped.code, stopped.stderr]).toEqual([130, expect.stringMatching(/What has arrived is kept/)]);
    const files = readdirSync(join(cache.folder, "networks")).sort();
    expect(files).toEqual(["vgg19.safetensors.part", "vgg19.safetensors.part.json"]);
    const killed = await interrupted("SIGKILL", 10_000_000);
    expect(killed.code).toBe(null);
    source.faults = {};
    const resumed = await networks(...args.slice(1));
    expect(resumed.code).toBe(0);
    expect(source.requests.map(({ range }) => range)).toEqual([undefined, "bytes=20000000-", "bytes=30000000-"]);
    expect(source.requests.map(({ status }) => status)).toEqual([200, 206, 206]);
  });

  test("two processes at once fetch it once", async () => {
    let bothAreThere = () => {};
    source.faults = { lastWhen: new Promise<void>((resolve) => (bothAreThere = resolve)) };
    const when = { text: WAITS, act: bothAreThere };
    const args = ["networks", "pull", "vgg19", "--from", `${source.url}/vgg19.h5`];
    const both = await Promise.all([1, 2].map(() => runCli(args, { env: { IMPASTO_CACHE: cache.folder }, when })));
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.filter(({ stderr }) => WAITS.test(stderr))).toHaveLength(1);
    expect(both.filter(({ stdout }) => /^Already there/.test(stdout))).toHaveLength(1);
    expect(source.requests).toHaveLength(1);
  });

  test("EXPECTED FAILURE - each kind of no has its exit code", async () => {
    const cases: [string[], number, RegExp][] = [
      [["pull", "nope"], 2, /These can be fetched: vgg19, vgg19-torchvision/],
      [["pull"], 2, /missing required argument 'name'/],
      [["path", "nothing"], 2, /There is no network named "nothing"/],
      [["path", "vgg19"], 1, /Run: impasto networks pull vgg19/],
      [["verify", "vgg19"], 1, /not in the cache/],
      [["remove", "vgg19"], 1, /not in the cache/],
      [["remove", "vgg19-slim"], 2, /part of Impasto/],
      [["import", "no-such-file"], 2, /There is no file/],
      [
        ["pull", "vgg19", "--from", `${source.url}/redirect-to-nothing`.replace(/:\d+/, ":9")],
        1,
        /bad port|refuses|no network/,
      ],
      [["normalize", "vgg19-slim", "--photos", "nowhere", "-o", "x"], 2, /There is no folder nowhere/],
      [["normalize", "vgg19-slim", "--photos", ".", "-o", "x", "--size", "0"], 2, /Expected a whole number/],
    ];
    for (const [args, code, text] of cases) {
      const finished = await networks(...args);
      expect([args.join(" "), finished.code, finished.stderr]).toEqual([
        args.join(" "),
        code,
        expect.stringMatching(text),
      ]);
    }
  });
});
