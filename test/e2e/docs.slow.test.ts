// The commands under the pictures in docs/ do what they say: each of them is run, smaller than there.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT, read } from "../tree/source-files.ts";

const SAMPLES = ["tubingen", "starry-night", "the-scream", "shipwreck"];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-docs-"));
  for (const name of SAMPLES) {
    copyFileSync(join(ROOT, `ui/hosts/web/samples/${name}.jpg`), join(folder, `${name}.jpg`));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The lines of code that make a picture of the page. */
function commandsOf(page: string): string[] {
  return [...read(page).matchAll(/^ {4}impasto (.* -o [\w-]+\.png\b.*)$/gm)]
    .map(([, command]) => command as string)
    .filter((command) => SAMPLES.some((name) => command.includes(`${name}.jpg`)));
}

/** As the shell splits it; a picture of 64 px. */
function smallWords(command: string): string[] {
  const small = command.replace(/--size \d+(x\d+)?/, (_, height) => (height ? "--size 64x64" : "--size 64"));
  return [...small.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => (quoted ?? plain) as string);
}

describe.each(["docs/gallery.md", "docs/presets.md"])("%s", (page) => {
  const commands = commandsOf(page);

  test("has commands with the samples in them", () => {
    expect(commands.length).toBeGreaterThan(8);
  });

  test.each(commands)("%s", async (command) => {
    const words = smallWords(command);
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, "companion/start.mjs"), ...words, "-q"], {
      cwd: folder,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { width = 0, height = 0 } = await sharp(join(folder, words[words.indexOf("-o") + 1] as string)).metadata();
    expect(Math.min(width, height)).toBeGreaterThanOrEqual(48);
  });
});
