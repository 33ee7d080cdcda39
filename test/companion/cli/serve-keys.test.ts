// The keys of a companion in a terminal: the question about starting at login is asked once and answered once.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { answerKeys, type KeyParts } from "../../../companion/cli/serve-keys.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";

let folder: string;
let said: string[];
let done: string[];
let parts: KeyParts;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-keys-"));
  said = [];
  done = [];
  const window = { open: () => void done.push("window") };
  parts = {
    server: { window } as unknown as KeyParts["server"],
    terminal: { note: (line) => said.push(line), result: () => {}, done: () => {}, json: () => {}, detail: () => {} },
    redirectFile: join(folder, "open.html"),
    askedFile: join(folder, "asked.txt"),
    atLogin: { isOff: () => true, install: () => void done.push("install") },
    stop: () => done.push("stop"),
  };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const asked = () => said.filter((line) => line.includes("start by itself whenever you log in?")).length;

test("y starts Impasto at login, once; a second start does not ask again", () => {
  const press = answerKeys(parts, true);
  expect(asked()).toBe(1);
  press("y");
  press("y");
  expect(done).toEqual(["install"]);
  answerKeys(parts, true)("y");
  expect(asked()).toBe(1);
  expect(done).toEqual(["install"]);
});

test("n, and no answer at all, leave it off", () => {
  const press = answerKeys(parts, true);
  press("n");
  press("y");
  press("q");
  expect(done).toEqual(["stop"]);
});

test("nobody is asked who did not double-click, or where it is on already or has no place", () => {
  answerKeys(parts, false)("y");
  answerKeys({ ...parts, atLogin: { ...parts.atLogin, isOff: () => false } }, true)("y");
  expect(asked()).toBe(0);
  expect(done).toEqual([]);
});

test("EXPECTED FAILURE - what is refused is said, and the companion goes on", () => {
  const install = () => {
    throw new ImpastoError("file-not-writable", "The folder cannot be written.", { hint: "Choose another." });
  };
  const press = answerKeys({ ...parts, atLogin: { ...parts.atLogin, install } }, true);
  press("y");
  expect(said.at(-1)).toBe("The folder cannot be written. Choose another.");
  press("p");
  expect(done).toEqual(["window"]);
});
