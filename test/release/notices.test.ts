// docs/third-party-notices.md against the lock file and the installed packages.

import { expect, test } from "vitest";
import { makeNotices } from "../../companion/bundle/notices.mjs";
import { read } from "../tree/source-files.ts";

test("is what `npm run notices` makes: run it after dependencies changed", () => {
  const made = makeNotices();
  const kept = read("docs/third-party-notices.md");
  const lines = new Set(kept.split("\n"));
  expect(made.split("\n").filter((line) => !lines.has(line))).toEqual([]);
  expect(kept === made).toBe(true);
});

test("covers what runs, what the pages contain, the networks and Node", () => {
  const text = read("docs/third-party-notices.md");
  const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
  const needed = [
    ...Object.keys(dependencies),
    "preact",
    "@tensorflow/tfjs-core",
    "@fontsource-variable/inter",
    "fflate",
  ];
  expect(needed.filter((name) => !text.includes(`| ${name} |`))).toEqual([]);
  expect(text).toMatch(/vgg19-slim, vgg19-half.*CC BY 4\.0/);
  expect(text).toContain("Node.js 22.");
});
