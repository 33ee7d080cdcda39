// Which workers are there: by what they say, and when they last said it.

import { beforeEach, describe, expect, it } from "vitest";
import { PROTOCOL_VERSION } from "../../../companion/protocol/ports.ts";
import type { Beat } from "../../../companion/protocol/work.ts";
import { PACE } from "../../../companion/queue/pace.ts";
import { isOlder, WorkerList } from "../../../companion/queue/worker-list.ts";

const SILENT_MS = 8_000;
const WORKER = "a".repeat(32);
const JOB = "b".repeat(32);
let now = 0;
let list: WorkerList;
beforeEach(() => {
  now = 1_000_000;
  list = new WorkerList("1.2.3", SILENT_MS, () => now);
});

function beat(more: Partial<Beat> = {}): Beat {
  const about = {
    worker: WORKER,
    name: "desk",
    version: "1.2.3",
    protocol: PROTOCOL_VERSION,
    slots: 2,
    devices: ["CPU"],
  };
  return { ...about, held: [], ...more };
}

it("one that was given a job was heard of then", () => {
  list.heard(beat());
  now += SILENT_MS;
  list.gave(WORKER, JOB, 1);
  now += SILENT_MS;
  expect([list.isSilent(WORKER), list.holds(WORKER, JOB, 1), list.slots()]).toEqual([false, true, 2]);
  now += 1;
  expect(list.isSilent(WORKER)).toBe(true);
});

describe("versions", () => {
  it.each([
    ["1.2.2", true],
    ["1.1.9", true],
    ["0.9.9", true],
    ["1.2.3", false],
    ["1.2.10", false],
    ["2.0.0", false],
    ["1.2.3-beta.1", false],
    ["", true],
    ["latest", true],
  ])("%j is older than 1.2.3: %s", (version, older) => expect(isOlder(version, "1.2.3")).toBe(older));

  it("an older one, and one of another protocol, get nothing until they are another one", () => {
    expect(list.heard(beat({ version: "1.2.2" }))?.hint).toContain("Update the worker");
    expect(() => list.admitted(WORKER)).toThrow("older than the companion");
    expect(list.heard(beat({ protocol: PROTOCOL_VERSION + 1, version: "3.0.0" }))?.hint).toContain(
      "Update the companion",
    );
    expect(list.slots()).toBe(0);
    expect(list.heard(beat())).toBeNull();
    expect(list.admitted(WORKER)).toBe("desk");
    expect(list.slots()).toBe(2);
  });

  it("one that never said who it is is asked to", () => {
    expect(() => list.admitted(WORKER)).toThrow(expect.objectContaining({ code: "conflict" }));
  });
});

describe("silence", () => {
  it("makes a worker gone after a while, and its slots with it", () => {
    list.heard(beat());
    now += SILENT_MS;
    expect([list.isSilent(WORKER), list.slots()]).toEqual([false, 2]);
    now += 1;
    expect([list.isSilent(WORKER), list.slots()]).toEqual([true, 0]);
    expect(list.list(new Map())).toMatchObject([{ name: "desk", silentMs: SILENT_MS + 1, jobs: [] }]);
    now += 600_000;
    expect(list.list(new Map())).toEqual([]);
  });

  it("counts from the companion's start for a worker of the time before", () => {
    expect([list.isSilent(WORKER), list.holds(WORKER, JOB, 1)]).toEqual([false, true]);
    now += SILENT_MS + 1;
    expect([list.isSilent(WORKER), list.holds(WORKER, JOB, 1)]).toEqual([true, false]);
  });
});

describe("a job", () => {
  it("is a worker's while its beats name that attempt, and a while after it was given", () => {
    list.heard(beat());
    expect(list.holds(WORKER, JOB, 1)).toBe(false);
    list.gave(WORKER, JOB, 1);
    // A beat that was on its way meanwhile.
    list.heard(beat());
    expect(list.holds(WORKER, JOB, 1)).toBe(true);
    now += SILENT_MS;
    list.heard(beat({ held: [{ job: JOB, attempt: 1 }] }));
    now += SILENT_MS;
    expect([list.holds(WORKER, JOB, 1), list.holds(WORKER, JOB, 2)]).toEqual([true, false]);
    list.heard(beat());
    expect(list.holds(WORKER, JOB, 1)).toBe(false);
  });
});

it("a hold that is lost was renewed last before its worker counts as silent", () => {
  const { lockMs, renewMs, silentMs, beatMs } = PACE;
  expect(lockMs - renewMs).toBeGreaterThan(silentMs);
  expect(silentMs).toBeGreaterThan(2 * beatMs);
});

describe("a device that is asked for by name", () => {
  beforeEach(() => {
    now += SILENT_MS + 1;
    list.heard(beat({ kinds: ["cpu"] }));
  });
  const GPU = { worker: "c".repeat(32), kinds: ["cpu" as const, "cuda" as const] };

  it("is lacking where others work and none has it", () => {
    expect([list.lacks("cuda"), list.lacks("webgpu")]).toEqual([true, true]);
    list.heard(beat(GPU));
    expect([list.lacks("cuda"), list.lacks("webgpu")]).toEqual([false, true]);
    list.heard(beat({ ...GPU, version: "1.2.2" }));
    expect(list.lacks("cuda")).toBe(true);
  });

  it("is waited for while who had it may come back", () => {
    list.heard(beat(GPU));
    now += 60_000;
    list.heard(beat({ kinds: ["cpu"] }));
    expect(list.lacks("cuda")).toBe(false);
    now += 600_000;
    list.heard(beat({ kinds: ["cpu"] }));
    expect(list.lacks("cuda")).toBe(true);
  });

  it("is waited for where nobody works, and after a start, until workers could say what they have", () => {
    now += SILENT_MS + 1;
    expect(list.lacks("cuda")).toBe(false);
    const fresh = new WorkerList("1.2.3", SILENT_MS, () => now);
    fresh.heard(beat({ kinds: ["cpu"] }));
    expect(fresh.lacks("cuda")).toBe(false);
  });
});
