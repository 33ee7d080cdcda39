// The commands of the queue as a user runs them: what is refused, how, and that no password is repeated.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli, runRefusal } from "./run-cli.ts";

let home: string;
let env: Record<string, string>;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "impasto-queue-"));
  env = { IMPASTO_HOME: home };
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const SECRET = "hunter2";

describe("a queue on another machine", () => {
  test.each(["serve", "worker"])(
    "without encryption is refused by %s, with the remedy and without the password",
    async (command) => {
      const args = command === "serve" ? ["serve", "--no-open"] : ["worker"];
      const { code, stdout, stderr } = await runRefusal([...args, "--queue", `redis://:${SECRET}@studio:6379/0`], {
        env,
      });
      expect(code).toBe(2);
      expect(stderr).toContain("The queue at redis://studio:6379/0 lacks encryption (rediss://).");
      expect(stderr).toContain("--insecure-queue");
      expect(stdout + stderr).not.toContain(SECRET);
    },
  );

  test("is refused from the environment as well", async () => {
    const { code, stderr } = await runRefusal(["serve", "--no-open"], {
      env: { ...env, IMPASTO_QUEUE: "redis://studio/0" },
    });
    expect([code, stderr]).toEqual([2, expect.stringContaining("lacks a password and encryption")]);
  });

  test("is taken where somebody knows that: what is asked for next is the token", async () => {
    const args = ["worker", "--queue", "redis://studio/0", "--insecure-queue"];
    const { code, stderr } = await runRefusal(args, { env });
    expect([code, stderr]).toEqual([2, expect.stringContaining("A worker needs a token.")]);
  });
});

describe("a worker", () => {
  const local = ["worker", "--queue", "redis://127.0.0.1:1/0"];

  test("needs a queue", async () => {
    const { code, stderr } = await runRefusal(["worker"], { env });
    expect([code, stderr]).toEqual([2, expect.stringContaining("IMPASTO_QUEUE")]);
  });

  test.each([
    [["--companion", "studio"], "Expected http://host:47820 for --companion but received studio."],
    [["--companion", "ftp://studio:1"], "Expected http://host:47820"],
    [["--token-file", "/nowhere/token"], "The worker's token cannot be read from /nowhere/token."],
  ])("refuses %j", async (flags, said) => {
    const { code, stderr } = await runRefusal([...local, ...flags], { env });
    expect([code === 0, stderr]).toEqual([false, expect.stringContaining(said)]);
  });

  test.each([
    [["--concurrency", "0"], "Expected a whole number from 1 to 64 for --concurrency but received 0."],
    [["--threads", "two"], "for --threads but received two."],
    [["--devices", "abacus"], "Expected one of auto, cpu, webgpu for --devices."],
  ])("refuses %j", async (flags, said) => {
    const token = join(home, "token");
    writeFileSync(token, "imp_x\n");
    const { code, stderr } = await runRefusal([...local, "--token-file", token, ...flags], { env });
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
  });
});

test("a token for a worker is printed once, with or without a companion, and the list of pairings shows whose it is", async () => {
  const { code, stdout, stderr } = await runCli(["pair", "worker", "--name", "desk 7"], { env });
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^imp_[0-9a-f]{16}_[0-9a-f]{64}\n$/)]);
  expect(stderr).toContain("Shown this once.");
  const list = await runCli(["pair", "list"], { env });
  expect(list.stdout).toContain("desk 7");
  expect(list.stdout).not.toContain(stdout.trim().split("_")[2]);
  expect((await runCli(["pair", "worker", "--name", "a\nb"], { env })).code).toBe(2);
});

test("workers are asked of the running companion", async () => {
  const { code, stderr } = await runCli(["workers"], { env });
  expect([code, stderr]).toEqual([1, expect.stringContaining("Start it with `impasto serve`.")]);
});
