// What waits for the disk and what does not; what becomes of both when a body throws.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Database, openDatabase } from "../../../companion/storage/database.ts";
import { temporaryFolder } from "../support/job-service.ts";

/** sqlite.org/pragma.html: 1 leaves a commit to the next checkpoint or full sync, 2 brings it to the disk. */
const NORMAL = 1;
const FULL = 2;

let database: Database;
let path: string;
beforeEach(() => {
  path = join(temporaryFolder(), "a.sqlite");
  database = openDatabase(path);
  database.execute("CREATE TABLE notes (text TEXT)");
});
afterEach(() => database.close());

const synchronous = () => database.get("PRAGMA synchronous")?.synchronous;
const notes = () => database.all("SELECT text FROM notes").map(({ text }) => text);
const note = (text: string) => database.run("INSERT INTO notes VALUES (?)", text);

it("waits for the disk with a durable transaction, not with one that is to be there soon", () => {
  expect(database.transaction(synchronous, "soon")).toBe(NORMAL);
  expect(database.transaction(synchronous)).toBe(FULL);
  database.transaction(() => note("soon"), "soon");
  note("alone");
  expect(synchronous()).toBe(FULL);
  expect(notes()).toEqual(["soon", "alone"]);
});

it.each(["soon", "durable"] as const)("takes back the whole of a body that throws, %s", (when) => {
  const failing = () =>
    database.transaction(() => {
      note("half");
      throw new Error("no");
    }, when);
  expect(failing).toThrow("no");
  expect(notes()).toEqual([]);
  database.transaction(() => note("whole"), when);
  expect(notes()).toEqual(["whole"]);
});

it("gives up the room that is kept for it when the disk is full, once and only for what must be written", () => {
  const { page_count: pages } = database.get("PRAGMA page_count") as { page_count: number };
  const limit = (most: number) => database.execute(`PRAGMA max_page_count = ${most}`);
  limit(pages);
  const isKept = () => existsSync(`${path}-spare`);
  const large = () => {
    if (!isKept()) limit(pages + 100);
    note("x".repeat(50_000));
  };
  expect(() => database.transaction(large)).toThrow("not enough room");
  expect(isKept()).toBe(true);
  database.transaction(large, "surely");
  expect([isKept(), notes().length]).toEqual([false, 1]);
  limit(pages);
  expect(() => database.transaction(() => note("x".repeat(900_000)), "surely")).toThrow("not enough room");
  expect(notes().length).toBe(1);
});
