// A tenth of the refusal table; refusals.slow.test.ts has all of it.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROUTES, type Route } from "../../../companion/protocol/api.ts";
import { startTestServer, type TestServer } from "./harness.ts";
import { createRawClient } from "./raw-client.ts";
import { cells, createMatrixClient, exampleOf, hosts, randomCell, spellings } from "./refusal-matrix.ts";
import { seeded } from "./seeded.ts";

let test: TestServer;
beforeAll(async () => {
  test = await startTestServer();
});
afterAll(() => test.stop());

describe("the guard", () => {
  it("asks for the session however an address is written", async () => {
    const client = createRawClient(test.server.port);
    const headers: [string, string][] = [["Host", `localhost:${test.server.port}`]];
    const passed: string[] = [];
    for (const route of Object.values<Route>(ROUTES)) {
      if (route.access === "none") continue;
      for (const path of spellings(exampleOf(route))) {
        const reply = await client.send({ method: route.method, path, headers: [...headers, ["Content-Length", "0"]] });
        if (reply !== null && ![400, 401].includes(reply.status))
          passed.push(`${route.method} ${path}: ${reply.status}`);
      }
    }
    client.close();
    expect(passed).toEqual([]);
  });

  it("refuses what the table refuses and lets the rest through", async () => {
    const { port } = test.server;
    const random = seeded(1);
    const all = cells(port);
    const chosen = [
      // Every way to name the host once, then every seventh cell, then mixtures.
      ...hosts(port).map((_, host) => ({ ...(all[0] as (typeof all)[0]), host })),
      ...all.filter((_, index) => index % 7 === 0),
      ...Array.from({ length: 500 }, () => randomCell(port, random)),
    ];
    const before = test.fake.snapshot();
    const client = createMatrixClient(test);
    const wrong: string[] = [];
    for (const cell of chosen) {
      const problem = await client.check(cell);
      if (problem !== null) wrong.push(problem);
    }
    client.close();
    console.log(`refusal table: ${chosen.length} of ${all.length} cells and mixtures`);
    expect(wrong).toEqual([]);
    expect(test.fake.snapshot()).toBe(before);
  });
});
