// `impasto serve` and `impasto pair` as a user runs them: dist/impasto.js in processes of their own.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findCompanion } from "../../../companion/client.ts";
import type { PairFinished, PairStarted } from "../../../companion/protocol/pairing-messages.ts";
import { type Runtime, readRuntimeFile } from "../../../companion/runtime-file.ts";
import { type PairingTransport, pair } from "../../../ui/pairing.ts";
import { type Finished, runCli } from "../cli/run-cli.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "impasto-serve-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A panel's way to pair. */
function transport(port: number): PairingTransport {
  const send = async <T>(path: string, message: unknown) => {
    const reply = await fetch(`http://localhost:${port}/v1/pair/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(message),
    });
    return (await reply.json()) as T;
  };
  return {
    start: (message) => send<PairStarted>("start", message),
    finish: (message) => send<PairFinished>("finish", message),
  };
}

/** A companion in its own data folder, up to the moment when it listens; `stop` sends the signal. */
async function serve(
  flags: string[] = [],
): Promise<{ port: number; pid: number; stop(signal?: NodeJS.Signals): Promise<Finished> }> {
  const ended = runCli(["serve", "--no-open", "--json", ...flags], { env: { IMPASTO_HOME: home } });
  const file = join(home, "runtime.json");
  for (let tries = 0; (await findCompanion(file)) === null; tries++) {
    if (tries > 300) throw new Error("serve does not listen");
    const early = await Promise.race([ended, sleep(100)]);
    if (early !== undefined) throw new Error(`serve ended: ${early.stdout}${early.stderr}`);
  }
  const { port, pid } = readRuntimeFile(file) as Runtime;
  return {
    port,
    pid,
    stop(signal = "SIGTERM") {
      process.kill(pid, signal);
      return ended;
    },
  };
}

describe("impasto serve", () => {
  it("works without a log where the usual place for one cannot be written, and says so", async () => {
    writeFileSync(join(home, "logs"), "a file, which nothing can be put into");
    const companion = await serve();
    const { code, stderr } = await companion.stop();
    expect([code, stderr]).toEqual([0, expect.stringMatching(/log cannot be written to .*works without one\./)]);
  });

  it("listens, is found by a second one that exits with 0, and removes its runtime file when it is told to stop", async () => {
    const companion = await serve();
    const health = await fetch(`http://localhost:${companion.port}/v1/health`);
    expect(await health.json()).toMatchObject({ product: "impasto" });
    if (process.platform !== "win32") {
      expect(statSync(home).mode & 0o777).toBe(0o700);
      const shared = readdirSync(home, { recursive: true, encoding: "utf8" }).filter(
        (name) => (statSync(join(home, name)).mode & 0o077) !== 0,
      );
      expect(shared).toEqual([]);
    }
    // Nobody listens there.
    const proxies = { NODE_USE_ENV_PROXY: "1", HTTP_PROXY: "http://127.0.0.1:9", ALL_PROXY: "http://127.0.0.1:9" };
    const second = await runCli(["serve", "--no-open", "--json"], { env: { IMPASTO_HOME: home, ...proxies } });
    expect(second.code).toBe(0);
    const shown = JSON.parse(second.stdout) as { running: boolean; port: number; page: string };
    expect(shown).toMatchObject({ running: true, port: companion.port });
    const ticket = shown.page.split("#ticket=")[1];
    const redeemed = await fetch(`http://localhost:${companion.port}/v1/pair/ticket`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ticket }),
    });
    expect(redeemed.status).toBe(200);
    const { code, stdout } = await companion.stop();
    expect(code).toBe(0);
    expect(JSON.parse(stdout.split("\n")[0] as string)).toMatchObject({ running: false, port: companion.port });
    expect(() => statSync(join(home, "runtime.json"))).toThrow("ENOENT");
  });

  it("with --pair shows a code, a second one the same code, and none once a panel is paired", async () => {
    const companion = await serve(["--pair"]);
    const second = await runCli(["serve", "--no-open", "--pair"], { env: { IMPASTO_HOME: home } });
    const shown = /Type this code into the panel within 120 seconds: (\S+)/;
    const [, code = ""] = shown.exec(second.stderr) ?? [];
    await pair(transport(companion.port), code, { host: "figma", name: "Figma" });
    const third = await runCli(["serve", "--no-open", "--pair"], { env: { IMPASTO_HOME: home } });
    expect(third.stdout).toContain("Impasto is running already");
    expect(third.stderr).not.toMatch(shown);
    const { stderr } = await companion.stop();
    expect(shown.exec(stderr)?.[1]).toBe(code);
  });

  it("is found although it does not answer for a while, as on a machine that paints", async ({ skip }) => {
    if (process.platform === "win32") skip("Windows has no SIGSTOP");
    const companion = await serve();
    process.kill(companion.pid, "SIGSTOP");
    const found = findCompanion(join(home, "runtime.json"));
    await sleep(3000);
    process.kill(companion.pid, "SIGCONT");
    expect((await found)?.port).toBe(companion.port);
    await companion.stop();
  });

  it("leaves machine learning and pictures to its child, also while the child is asked about devices", async ({
    skip,
  }) => {
    if (process.platform !== "linux") skip("the list of a process's libraries is read from /proc");
    const companion = await serve();
    const client = await findCompanion(join(home, "runtime.json"));
    await client?.json("devices");
    await client?.json("doctor");
    const mapped = readFileSync(`/proc/${companion.pid}/maps`, "utf8").split("\n");
    const libraries = new Set(
      mapped.map((line) => line.slice(line.indexOf("/"))).filter((path) => /\.(so|node)\b/.test(path)),
    );
    expect([...libraries].some((path) => path.includes("libc.so"))).toBe(true);
    expect([...libraries].filter((path) => /onnxruntime|vips|sharp|dawn|vulkan|impasto\.node/i.test(path))).toEqual([]);
    await companion.stop();
  });

  it("starts again after it was killed, although its runtime file is still there", async () => {
    const killed = await serve();
    await killed.stop("SIGKILL");
    expect(statSync(join(home, "runtime.json")).isFile()).toBe(true);
    const again = await serve();
    expect((await again.stop()).code).toBe(0);
  });

  it("says what to do about an address that this machine does not have", async () => {
    const { code, stderr } = await runCli(["serve", "--no-open", "--host", "203.0.113.7"], {
      env: { IMPASTO_HOME: home },
    });
    expect(code).toBe(2);
    expect(stderr).toContain("This machine has no address 203.0.113.7.");
  });
});

describe("impasto pair", () => {
  it("opens the window, waits for the panel, lists it and revokes it", async () => {
    const companion = await serve();
    const env = { IMPASTO_HOME: home };
    /** The panel's part, as soon as the command shows the code. */
    async function panel(): Promise<void> {
      const client = await findCompanion(join(home, "runtime.json"));
      if (client === null) throw new Error("no companion");
      const { code } = await client.json("pairOpen");
      await pair(transport(companion.port), code, { host: "figma", name: "Test panel" });
    }
    const paired: Promise<void>[] = [];
    const when = { text: /[0-9A-Z]{4}-[0-9A-Z]{4}/, act: () => void paired.push(panel()) };
    const opened = await runCli(["pair", "open"], { env, when });
    await Promise.all(paired);
    expect(opened).toMatchObject({ code: 0, stdout: expect.stringContaining("Paired: Test panel") });
    const { pairings } = JSON.parse((await runCli(["pair", "list", "--json"], { env })).stdout) as {
      pairings: { id: string; name: string }[];
    };
    expect(pairings.map(({ name }) => name)).toEqual(["Test panel"]);
    const id = pairings[0]?.id as string;
    expect((await runCli(["pair", "revoke", id], { env })).code).toBe(0);
    const again = await runCli(["pair", "revoke", id], { env });
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining(`There is no pairing ${id}.`) });
    const nonsense = await runCli(["pair", "revoke", "nonsense"], { env });
    expect(nonsense).toMatchObject({ code: 1, stderr: expect.stringContaining("There is no pairing nonsense.") });
    expect((await runCli(["pair", "list"], { env })).stdout).toContain("No panel is paired");
    await companion.stop();
    const alone = await runCli(["pair", "open"], { env });
    expect(alone).toMatchObject({ code: 1, stderr: expect.stringContaining("The companion is not running.") });
  });
});
