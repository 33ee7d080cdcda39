// What comes from elsewhere reaches the terminal as text, never as a command to it.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { printable, printableJson, printableName } from "../../../companion/cli/printable.ts";
import { newKey, openTestService, temporaryFolder, upload } from "../support/job-service.ts";
import { noisePng } from "../support/pictures.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";
import { runCli } from "./run-cli.ts";

/** Clears the screen, renames the window, the one-byte form of the same, a fake line, a name read backwards. */
const HOSTILE = "a\x1b[2J\x1b]0;owned\x07b\u009b31mc\r\ndone  fake\u202egnp.exe";
const COMMANDS = /[^\P{Cc}\n\t]|[\u202a-\u202e]/u;

test("A terminal is shown marks where it would be commanded; lines and tabs stay in text, not in names", () => {
  expect(printable(HOSTILE)).not.toMatch(COMMANDS);
  expect(printable("one\n\ttwo ü 画 🎨")).toBe("one\n\ttwo ü 画 🎨");
  expect(printableName(HOSTILE)).not.toContain("\n");
  expect(printableJson({ name: HOSTILE })).not.toMatch(COMMANDS);
  expect(JSON.parse(printableJson({ name: HOSTILE }))).toEqual({ name: HOSTILE });
});

describe("hostile names", () => {
  let home = "";
  beforeAll(async () => {
    home = temporaryFolder();
    const service = await openTestService({ data: home, engine: new ScriptedEngine() });
    const [content, style] = [await upload(service, noisePng(1)), await upload(service, noisePng(2))];
    const job = {
      content: { sha256: content, name: HOSTILE },
      styles: [{ picture: { sha256: style, name: HOSTILE }, weight: 1 }],
    };
    await service.submit({ ...job, settings: {}, detached: true }, newKey());
    await service.close();
  });
  const impasto = (...args: string[]) => runCli(args, { cwd: home, env: { IMPASTO_HOME: home } });

  test("of layers are shown by jobs without effect, one line each", async () => {
    const list = await impasto("jobs", "list");
    expect(list.stdout).not.toMatch(COMMANDS);
    expect(list.stdout.trim().split("\n")).toHaveLength(1);
    const json = await impasto("jobs", "list", "--json");
    expect(json.stdout).not.toMatch(COMMANDS);
    const { jobs } = JSON.parse(json.stdout) as { jobs: { id: string; request: { content: { name: string } } }[] };
    expect(jobs[0]?.request.content.name).toBe(HOSTILE);
    expect((await impasto("jobs", "show", jobs[0]?.id ?? "")).stdout).not.toMatch(COMMANDS);
  });

  // Windows takes no such names.
  test.skipIf(process.platform === "win32")("of files are told by batch and stylize without effect", async () => {
    const name = "a\x1b[2J\x1b]0;owned\x07.png";
    mkdirSync(join(home, "in"));
    writeFileSync(join(home, "in", name), "no picture");
    writeFileSync(join(home, "style.png"), noisePng(3));
    const batch = await impasto("batch", "in", "--style", "style.png", "-o", "out");
    expect(batch.stderr).toContain("owned");
    expect(batch.stderr + batch.stdout).not.toMatch(COMMANDS);
    const stylize = await impasto("stylize", join("in", name), "style.png", "-o", "out.png");
    expect(stylize.stderr).toContain("owned");
    expect(stylize.stderr).not.toMatch(COMMANDS);
    expect(await impasto("\x1b[2J")).toMatchObject({ code: 2, stderr: expect.not.stringMatching(COMMANDS) });
  });
});
