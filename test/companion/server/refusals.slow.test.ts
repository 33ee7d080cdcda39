// The whole refusal table, and ten thousand mixtures of everything at once.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "./harness.ts";
import { cells, createMatrixClient, randomCell } from "./refusal-matrix.ts";
import { seeded } from "./seeded.ts";

let test: TestServer;
beforeAll(async () => {
  test = await startTestServer();
});
afterAll(() => test.stop());

describe("the guard", () => {
  it("refuses what the table refuses in every cell, and changes nothing", async () => {
    const { port } = test.server;
    const random = seeded(2);
    const all = [...cells(port), ...Array.from({ length: 10_000 }, () => randomCell(port, random))];
    const before = test.fake.snapshot();
    const client = createMatrixClient(test);
    const wrong: string[] = [];
    for (const cell of all) {
      const problem = await client.check(cell);
      if (problem !== null) wrong.push(problem);
    }
    client.close();
    console.log(`refusal table: ${all.length} cells`);
    expect(wrong).toEqual([]);
    expect(test.fake.snapshot()).toBe(before);
  });
});
