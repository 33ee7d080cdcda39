// What was painted and nobody else keeps: it outlives the session where the host has room.

import { describe, expect, test, vi } from "vitest";
import type { Host } from "../../../ui/host.ts";
import { createOwnResults, type OwnResult } from "../../../ui/state/own-results.ts";

function painted(id: string, at = 0, byte = 1): OwnResult {
  const names = { contentName: "Harbor", styleName: "Waves", styleHash: null };
  const result = { id, at, ...names, width: 4, height: 3, settings: { strength: 70 } };
  return { result, bytes: new Uint8Array([byte]) };
}

function openStorage(keepsPictures = true) {
  const values = new Map<string, unknown>();
  const host = {
    capabilities: { keepsPictures } as Host["capabilities"],
    load: async (key: string) => values.get(key),
    async save(key: string, value: unknown) {
      if (value === undefined) values.delete(key);
      else values.set(key, structuredClone(value));
    },
  };
  return { host, values, pictures: () => [...values.keys()].filter((key) => key.startsWith("impasto.result.")) };
}

const idsIn = (own: ReturnType<typeof createOwnResults>) =>
  own.groups.value.map(({ results }) => results.map(({ result }) => result.id).join(" "));

describe("what nobody else keeps", () => {
  test("is there again in the next session, with its pictures and settings", async () => {
    const { host, pictures } = openStorage();
    const own = createOwnResults(host);
    own.add("a", [painted("a", 1, 7)]);
    own.add("b", [painted("b-0", 2), painted("b-1", 3)]);
    await vi.waitFor(() => expect(pictures()).toHaveLength(3));
    await own.picture("b-1");
    const next = createOwnResults(host);
    await next.load();
    expect(idsIn(next)).toEqual(["b-0 b-1", "a"]);
    expect(next.find("a")).toEqual(painted("a", 1).result);
    expect(await next.picture("a")).toEqual(new Uint8Array([7]));
  });

  test("grows while a batch goes on; what is painted anew takes its own place", async () => {
    const { host } = openStorage();
    const own = createOwnResults(host);
    own.add("b", [painted("b-0", 1)]);
    own.add("b", [painted("b-1", 2)]);
    own.add("b", [painted("b-0", 3, 9)]);
    expect(idsIn(own)).toEqual(["b-0 b-1"]);
    expect(await own.picture("b-0")).toEqual(new Uint8Array([9]));
  });

  test("makes room for what is newer, and leaves no picture behind", async () => {
    const { host, pictures } = openStorage();
    const own = createOwnResults(host);
    for (let at = 1; at <= 14; at++) own.add(`r${at}`, [painted(`r${at}`, at)]);
    await own.picture("r14");
    expect([own.groups.value.length, idsIn(own)[0], pictures().length]).toEqual([12, "r14", 12]);
    await expect(own.picture("r1")).rejects.toMatchObject({ code: "not-found" });
  });

  test("of two panels at once is kept from both", async () => {
    const { host } = openStorage();
    const [one, other] = [createOwnResults(host), createOwnResults(host)];
    one.add("a", [painted("a", 1)]);
    await one.picture("a");
    other.add("b", [painted("b", 2)]);
    await other.picture("b");
    const next = createOwnResults(host);
    await next.load();
    expect(idsIn(next)).toEqual(["b", "a"]);
  });

  test("is nothing where another version wrote something else", async () => {
    const { host, values } = openStorage();
    const { result } = painted("a");
    for (const results of [
      undefined,
      "a",
      [{ result }],
      [{ result: { ...result, settings: { strength: "x" } }, size: 1 }],
    ]) {
      values.set("impasto.results.v1", [null, { id: "a", results }]);
      const own = createOwnResults(host);
      await own.load();
      expect(own.groups.value).toEqual([]);
    }
  });

  test("ends with the session where a host has no room for it", async () => {
    const { host, values } = openStorage(false);
    const own = createOwnResults(host);
    own.add("a", [painted("a", 1, 7)]);
    expect(await own.picture("a")).toEqual(new Uint8Array([7]));
    expect(values.size).toBe(0);
  });
});
