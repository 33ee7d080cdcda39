// What README and docs/ promise exists: links, commands and flags; and every error has a remedy there.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../companion/cli/commands.ts";
import { wordsOf } from "../../companion/cli/completions.ts";
import { createProgram } from "../../companion/cli/program.ts";
import { ERROR_CODES } from "../../companion/protocol/errors.ts";
import { PRESET_NAMES } from "../../companion/protocol/presets.ts";
import { ROOT, read, repositoryFiles } from "./source-files.ts";

const PAGES = ["README.md", ...repositoryFiles().filter((file) => /^docs\/[\w-]+\.md$/.test(file))].filter(
  (file) => file !== "docs/third-party-notices.md",
);

/** Inline code and indented or fenced blocks, line by line. */
function codeOf(text: string): string[] {
  const inline = [...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
  const blocks = [...text.matchAll(/^(?:```\w*\n([\s\S]*?)^```|((?: {4}.*\n)+))/gm)];
  return [...inline, ...blocks.flatMap((match) => (match[1] ?? match[2] ?? "").split("\n"))];
}

/** What may follow each chain of commands. */
const flagsOf = wordsOf(createProgram(COMMANDS));

describe.each(PAGES)("%s", (page) => {
  const text = read(page);

  test("links to files that exist", () => {
    const links = [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)|src="([^"]+)"/g)].map((match) => match[1] ?? match[2] ?? "");
    const local = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(local.filter((link) => !existsSync(join(ROOT, dirname(page), link)))).toEqual([]);
  });

  test("names commands of impasto, their flags, and presets, that exist", () => {
    const lines = codeOf(text).map((line) => line.replace(/npm run (?:-s )?impasto --/, "impasto").trim());
    const calls = lines.filter((line) => /^(?:\$ )?impasto [a-z]/.test(line));
    const wrong = calls.flatMap((call) => {
      const words = call
        .replace(/^\$ /, "")
        .replace(/ [|>].*$/, "")
        .split(/\s+/)
        .slice(1);
      const [first = "", second = ""] = words;
      const flags = flagsOf.get(`${first} ${second}`) ?? flagsOf.get(first);
      if (flags === undefined) return [call];
      const unknown = words.filter((word) => word.startsWith("--") && !flags.includes(word.replace(/=.*/, "")));
      const preset = words[words.indexOf("--preset") + 1] ?? "";
      const isPreset = !words.includes("--preset") || preset.endsWith(".json") || preset === "NAME";
      return [...unknown, ...(isPreset || PRESET_NAMES.includes(preset) ? [] : [preset])].map(
        (word) => `${word} in: ${call}`,
      );
    });
    expect(wrong).toEqual([]);
  });
});

test("every error's code stands in docs/troubleshooting.md, and no other", () => {
  const rows = read("docs/troubleshooting.md")
    .split("\n")
    .filter((line) => line.startsWith("| "));
  const columns = rows.map((row) => row.split("|")[2] ?? "");
  const codes = columns.flatMap((cell) => [...cell.matchAll(/`([a-z-]+)`/g)].map((match) => match[1] ?? ""));
  expect([...codes].sort()).toEqual([...ERROR_CODES].sort());
});

test("every preset has its section in docs/presets.md", () => {
  const sections = [...read("docs/presets.md").matchAll(/^## (.+)$/gm)].map((match) => match[1]);
  expect(sections.sort()).toEqual([...PRESET_NAMES].sort());
});
