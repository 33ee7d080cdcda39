// What each command does when it is told to end, signal by signal; the README has the same table.

import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WHEN_TOLD_TO_END } from "../../../companion/cli/interrupts.ts";
import { FAKE_ADDON, type RunCliOptions, runCli } from "./run-cli.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const CONTENT = join(ROOT, "companion", "samples", "tubingen.jpg");
const STYLE = join(ROOT, "companion", "samples", "starry-night.jpg");
type Signal = "SIGINT" | "SIGTERM" | "SIGHUP";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-interrupts-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs it and sends the signal when it says the text. */
function told(signal: Signal, text: RegExp, args: readonly string[], env: Record<string, string> = {}) {
  const when = { text, act: (child: ChildProcess) => void child.kill(signal) } satisfies RunCliOptions["when"];
  return runCli(args, { cwd: folder, env, when });
}

const fake = { IMPASTO_ADDON: FAKE_ADDON };

describe.skipIf(process.platform === "win32")("told to end", () => {
  const runs: [Signal, string[]][] = [
    ["SIGINT", ["stylize", CONTENT, STYLE]],
    ["SIGTERM", ["stylize", CONTENT, STYLE]],
    ["SIGTERM", ["demo"]],
    ["SIGTERM", ["texture", STYLE]],
  ];
  for (const [signal, command] of runs) {
    test(`by ${signal}, ${command[0]} ${WHEN_TOLD_TO_END.demo}`, async () => {
      const { code, stderr } = await told(signal, /left/, [...command, "-o", "out.png"], fake);
      expect([code, stderr]).toEqual([130, expect.stringContaining("best picture so far")]);
      expect((await sharp(join(folder, "out.png")).metadata()).width).toBe(512);
    });
  }

  test(`by SIGTERM, networks normalize ${WHEN_TOLD_TO_END["networks normalize"]}`, async () => {
    mkdirSync(join(folder, "photos"));
    for (let n = 0; n < 60; n++) {
      const photo = sharp({ create: { width: 64, height: 64, channels: 3, background: { r: n, g: 100, b: 9 } } });
      await photo.png().toFile(join(folder, "photos", `${n}.png`));
    }
    const args = ["networks", "normalize", "vgg19-slim", "--photos", "photos", "-o", "out.safetensors"];
    const { code } = await told("SIGTERM", /1 of 60 photos/, [...args, "--size", "64"]);
    expect([code, readdirSync(folder)]).toEqual([130, ["photos"]]);
  });

  test(`by SIGINT, serve ${WHEN_TOLD_TO_END.serve.split(";")[0]}`, async () => {
    const home = join(folder, "home");
    const { code } = await told("SIGINT", /Open its page/, ["serve", "--no-open"], { IMPASTO_HOME: home });
    expect(code).toBe(0);
    expect(readdirSync(home).filter((name) => /-wal|runtime/.test(name))).toEqual([]);
    expect(statSync(join(home, "ledger.sqlite")).isFile()).toBe(true);
  });

  test(`by SIGTERM, batch ${WHEN_TOLD_TO_END.batch}`, async () => {
    mkdirSync(join(folder, "in"));
    for (const [n, shade] of [40, 90, 140].entries()) {
      const picture = sharp({ create: { width: 48, height: 48, channels: 3, background: { r: shade, g: 80, b: 9 } } });
      await picture.png().toFile(join(folder, n === 2 ? "style.png" : `in/${n}.png`));
    }
    const settings = ["--network", "vgg19-slim", "--device", "cpu", "--size", "48", "--first-iterations", "8"];
    const args = ["batch", "in", "--style", "style.png", "-o", "out", "--no-contact-sheet", ...settings];
    const env = { IMPASTO_HOME: join(folder, "home") };
    const first = await told("SIGTERM", /of 2 done/, args, env);
    expect([first.code, first.stderr]).toEqual([130, expect.stringContaining("to go on")]);
    const again = await runCli(args, { cwd: folder, env });
    expect(again.code, again.stderr).toBe(0);
    expect(readdirSync(join(folder, "out")).sort()).toEqual(["0.png", "1.png"]);
  });

  test("by SIGHUP where no output is on a terminal, as under nohup, a run goes on to its end", async () => {
    const args = ["stylize", CONTENT, STYLE, "-o", "out.png", "--iterations", "100"];
    const { code, stdout } = await told("SIGHUP", /left/, args, fake);
    expect([code, stdout]).toEqual([0, expect.stringContaining("100 iterations")]);
  });

  test("by the Ctrl-C of a terminal that npm passes on, a run still writes its picture", async () => {
    const args = ["stylize", CONTENT, STYLE, "-o", "out.png"];
    const twice = (child: ChildProcess) => {
      child.kill("SIGINT");
      setTimeout(() => child.kill("SIGINT"), 20);
    };
    const { code } = await runCli(args, { cwd: folder, env: fake, when: { text: /left/, act: twice } });
    expect(code).toBe(130);
    expect((await sharp(join(folder, "out.png")).metadata()).width).toBe(512);
  });
});

test("the README and each command's help say what the table says", async () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  for (const [command, words] of Object.entries(WHEN_TOLD_TO_END)) {
    expect(readme).toContain(`| \`${command}\` | ${words} |`);
    const { stdout } = await runCli([...command.split(" "), "--help"]);
    expect(stdout).toContain(`When told to end (Ctrl-C, SIGTERM, SIGHUP): ${words}.`);
  }
});
