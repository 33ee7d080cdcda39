// What waits for the disk and what does not; what becomes of both when a body throws.

import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Database, openDatabase } from "../../../companion/storage/database.ts";
import { temporaryFolder } from "../support/job-service.ts";

/** sqlite.org/pragma.html: 1 leaves a commit to the next checkpoint or full sync, 2 brings it to the disk. */
const NORMAL = 1;
const FULL = 2;

let database: Database;
beforeEach(() => {
  database = openDatabase(join(temporaryFolder(), "a.sqlite"));
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
