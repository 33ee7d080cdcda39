// The ledger: fenced steps, one holder at a time, a newer version untouched, and a fast start.

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { submitOnce } from "../../../companion/jobs/submit-once.ts";
import { type Ledger, openLedger } from "../../../companion/ledger/ledger.ts";
import { LEDGER_VERSION } from "../../../companion/ledger/schema.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { openDatabase } from "../../../companion/storage/database.ts";
import { bundleEntries } from "../support/bundle.ts";
import { request, temporaryFolder } from "../support/job-service.ts";

const A = "a".repeat(64);
const B = "b".repeat(64);
const result = {
  sha256: "c".repeat(64),
  bytes: 10,
  width: 1,
  height: 1,
  iterations: 1,
  seconds: 1,
  device: "cpu",
  stopped: false,
};
const recipe = {
  version: 4,
  inputs: { content: { sha256: A }, styles: [{ picture: { sha256: B }, weight: 1 }] },
  settings: { ...DEFAULT_SETTINGS, quality: "fine" },
  changes: [],
  iterations: 1,
  stopped: false,
  resumed: false,
  device: "cpu",
  threads: 1,
  network: { name: "n", sha256: A },
  versions: {},
} as const;

function open(folder = temporaryFolder()): Ledger {
  return openLedger(join(folder, "ledger.sqlite"));
}

function insert(ledger: Ledger, id: string): void {
  const job = { id, owner: "o", request: request(A, B), settings: DEFAULT_SETTINGS, detached: true, batch: null };
  ledger.transaction(() => ledger.jobs.insert(job, ledger.stamp()));
}

describe("Ledger", () => {
  it("reads what was written before styles had masks", () => {
    const folder = temporaryFolder();
    const ledger = open(folder);
    for (const id of ["plain", "painted"]) insert(ledger, id);
    const batch = { styles: [{ picture: { sha256: B, name: "b.png" }, weight: 2 }], settings: { size: 64 } };
    ledger.transaction(() => {
      ledger.jobs.claim("painted", ledger.epoch, ledger.stamp());
      ledger.jobs.finish("painted", 1, result, recipe as never, ledger.stamp());
      ledger.batches.insert({ id: "batch", owner: "o", name: "b", request: batch, frames: [] }, ledger.stamp());
    });
    ledger.close();
    const database = openDatabase(join(folder, "ledger.sqlite"));
    const style = JSON.stringify({ sha256: B });
    database.execute(`
      DROP INDEX jobs_by_turn;
      ALTER TABLE jobs DROP COLUMN lease;
      UPDATE jobs SET request = json_set(request, '$.styles', json('[${style}]'));
      UPDATE jobs SET recipe = json_set(recipe, '$.version', 1, '$.inputs.styles', json('[${style}]')) WHERE recipe IS NOT NULL;
      UPDATE batches SET request = json_set(request, '$.styles', json('[{"sha256":"${B}","name":"b.png","weight":2}]'));
      PRAGMA user_version = 1`);
    database.close();

    const reopened = open(folder);
    expect(reopened.jobs.find("plain")).toMatchObject({ request: request(A, B), recipe: null });
    expect(reopened.jobs.find("painted")?.recipe).toEqual(recipe);
    expect(reopened.batches.find("batch")?.request).toEqual(batch);
    reopened.close();
  });

  it("lets only the attempt in work end a job", () => {
    const ledger = open();
    insert(ledger, "j");
    const { jobs } = ledger;
    expect(jobs.claim("j", ledger.epoch, ledger.stamp())).toBe(1);
    expect(jobs.claim("j", ledger.epoch, ledger.stamp())).toBeNull();
    expect(jobs.requeue("j", 1, { outcome: "died" }, ledger.stamp())).toBe(true);
    expect(jobs.claim("j", ledger.epoch, ledger.stamp())).toBe(2);
    expect(jobs.finish("j", 1, result, recipe as never, ledger.stamp())).toBe(false);
    expect(jobs.fail("j", 1, { code: "internal", message: "late" }, ledger.stamp())).toBe(false);
    expect(jobs.finish("j", 2, result, recipe as never, ledger.stamp())).toBe(true);
    expect(jobs.finish("j", 2, result, recipe as never, ledger.stamp())).toBe(false);
    expect(jobs.cancelAll(["j"], ledger.stamp())).toEqual([]);
    expect(jobs.find("j")).toMatchObject({ state: "done", attempt: 2, deaths: 1, result });
    expect(jobs.attempts("j").map(({ outcome }) => outcome)).toEqual(["died", "done"]);
    ledger.close();
  });

  it("changes many jobs at a time as their states allow, each with a number of its own", () => {
    const ledger = open();
    const { jobs } = ledger;
    const [done, running, paused, queued] = ["done", "running", "paused", "queued"];
    const ids = [done, running, paused, queued];
    for (const id of ids) insert(ledger, id);
    for (const id of [done, running]) jobs.claim(id, ledger.epoch, ledger.stamp());
    jobs.finish(done, 1, result, recipe as never, ledger.stamp());
    jobs.pauseQueued(paused, "disk-full", ledger.stamp());
    const told = (steps: ReturnType<typeof jobs.pauseAll>) =>
      Object.fromEntries(steps.map(({ id, state, pauseReason }) => [id, [state, pauseReason]]));

    const before = ledger.nextSequence();
    const pausing = jobs.pauseAll(ids, "user", ledger.stamps(ids.length));
    expect(told(pausing)).toEqual({
      running: ["running", "user"],
      paused: ["paused", "user"],
      queued: ["paused", "user"],
    });
    const numbers = pausing.map(({ sequence }) => sequence);
    expect(new Set(numbers).size).toBe(3);
    expect(Math.min(...numbers)).toBeGreaterThan(before);
    expect(ledger.nextSequence()).toBeGreaterThan(Math.max(...numbers));
    for (const step of pausing) expect(jobs.find(step.id)).toMatchObject(step);

    expect(told(jobs.resumeAll(ids, ledger.stamps(ids.length)))).toEqual({
      running: ["running", null],
      paused: ["queued", null],
      queued: ["queued", null],
    });
    jobs.cancelAll(ids, ledger.stamps(ids.length));
    expect(ids.map((id) => jobs.find(id)?.state)).toEqual(["done", "cancelled", "cancelled", "cancelled"]);
    expect(jobs.attempts(running).map(({ outcome }) => outcome)).toEqual(["cancelled"]);
    ledger.close();
  });

  it("numbers events upward across restarts", () => {
    const folder = temporaryFolder();
    const first = open(folder);
    const last = [first.nextSequence(), first.nextSequence()][1] ?? 0;
    first.close();
    const second = open(folder);
    expect(second.nextSequence()).toBeGreaterThan(last);
    expect(String(second.nextSequence()).length).toBeLessThanOrEqual(15);
    second.close();
  });

  it("lists what is kept: pictures that are done and still there, of a batch the latest, newest first, page by page", () => {
    const ledger = open();
    const frame = { id: "batch", frame: 0 };
    const further = { id: "batch", frame: 1 };
    ledger.transaction(() =>
      ledger.batches.insert({ id: "batch", owner: "o", name: "", request: request(A, B), frames: [] }, ledger.stamp()),
    );
    for (const [id, batch] of [
      ["gone", null],
      ["old", null],
      ["frame", frame],
      ["latest", further],
      ["lost", further],
      ["new", null],
      ["waiting", null],
    ] as const) {
      const job = { id, owner: "o", request: request(A, B), settings: DEFAULT_SETTINGS, detached: true, batch };
      ledger.transaction(() => ledger.jobs.insert(job, ledger.stamp()));
      if (id === "waiting") continue;
      const attempt = ledger.jobs.claim(id, ledger.epoch, ledger.stamp()) ?? 0;
      const sha256 = id === "gone" || id === "lost" ? A : B;
      ledger.jobs.finish(id, attempt, { ...result, sha256 }, { ...recipe, changes: [] }, ledger.stamp());
    }
    ledger.jobs.forgetResult(A);
    const ids = (filter: { before?: string; batch?: string } = {}) =>
      ledger.jobs.list({ kept: "yes", limit: 10, ...filter }).map(({ id }) => id);
    expect(ids()).toEqual(["new", "latest", "old"]);
    expect([ids({ before: "new" }), ids({ before: "latest" })]).toEqual([["latest", "old"], ["old"]]);
    expect(ids({ batch: "batch" })).toEqual(["latest", "frame"]);
    ledger.close();
  });

  it("rolls a transaction back whole", () => {
    const ledger = open();
    insert(ledger, "kept");
    expect(() =>
      ledger.transaction(() => {
        ledger.jobs.claim("kept", ledger.epoch, ledger.stamp());
        throw new Error("no");
      }),
    ).toThrowError("no");
    expect(ledger.jobs.find("kept")).toMatchObject({ state: "queued", attempt: 0 });
    ledger.close();
  });

  it("makes one thing of one key", () => {
    const ledger = open();
    const key = { owner: "o", idempotencyKey: "key" };
    const submit = (digest: string, target: string) =>
      submitOnce(ledger, key, digest, target, (id) => {
        ledger.jobs.insert(
          { id, owner: "o", request: request(A, B), settings: DEFAULT_SETTINGS, detached: true, batch: null },
          ledger.stamp(),
        );
      });
    expect(submit("d", "one")).toEqual({ target: "one", created: true });
    expect(submit("d", "two")).toEqual({ target: "one", created: false });
    expect(() => submit("other", "three")).toThrowError(expect.objectContaining({ code: "conflict" }));
    expect(ledger.jobs.list({ limit: 10 })).toHaveLength(1);
    ledger.close();
  });

  it("is held by one process at a time, and free as soon as that one is dead", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "ledger.sqlite");
    const ledger = open(folder);
    const [holder = ""] = await bundleEntries("ledger-holder");
    const tried = spawnSync(process.execPath, [holder, path], { encoding: "utf8" });
    expect(tried.stdout.trim()).toBe("busy");
    ledger.close();
    const killed = spawnSync(process.execPath, [holder, path, "die"], { encoding: "utf8" });
    expect(killed.signal).toBe("SIGKILL");
    const again = open(folder);
    expect(again.jobs.find("held")).toMatchObject({ state: "queued" });
    again.close();
  });

  it("refuses a newer ledger and leaves it as it is", () => {
    const folder = temporaryFolder();
    const path = join(folder, "ledger.sqlite");
    open(folder).close();
    const database = openDatabase(path);
    database.execute(`PRAGMA user_version = ${LEDGER_VERSION + 1}; PRAGMA wal_checkpoint(TRUNCATE)`);
    database.close();
    const before = readFileSync(path);
    expect(() => open(folder)).toThrowError(expect.objectContaining({ code: "version-mismatch" }));
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("refuses a newer ledger whose writer was killed before the file's header told of it", () => {
    const folder = temporaryFolder();
    const path = join(folder, "ledger.sqlite");
    open(folder).close();
    const database = openDatabase(path);
    database.execute(`PRAGMA user_version = ${LEDGER_VERSION + 1}`);
    const crashed = temporaryFolder();
    for (const suffix of ["", "-wal"]) {
      writeFileSync(join(crashed, `ledger.sqlite${suffix}`), readFileSync(`${path}${suffix}`));
    }
    database.close();
    expect(() => open(crashed)).toThrowError(expect.objectContaining({ code: "version-mismatch" }));
  });

  it("says that it may not be written where no file can be made", () => {
    expect(() => open(join(temporaryFolder(), "missing"))).toThrowError(
      expect.objectContaining({ code: "file-not-writable", message: expect.stringContaining("list of jobs") }),
    );
  });

  it("says that a damaged file is damaged", () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, "ledger.sqlite"),
      "this is no database, but it is long enough to look like one".repeat(20),
    );
    expect(() => open(folder)).toThrowError(expect.objectContaining({ code: "internal" }));
  });
});
