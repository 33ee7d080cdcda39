// A worker's way to its companion: to whom it shows its token, and what it does when nobody answers.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { PROTOCOL_VERSION } from "../../../companion/protocol/ports.ts";
import type { Beat } from "../../../companion/protocol/work.ts";
import { openLink } from "../../../companion/worker/link.ts";
import { startTestServer, type TestServer } from "../server/harness.ts";

const BEAT: Beat = {
  ...{ worker: "a".repeat(32), name: "w", version: "1.0.0", protocol: PROTOCOL_VERSION },
  ...{ slots: 1, devices: [], held: [] },
};

/** Sessions last twelve hours. */
let later = 0;
let test: TestServer;
let address: URL;
let token: string;
beforeAll(async () => {
  const desk = new Proxy({}, { get: () => () => ({ refused: null, held: [] }) }) as never;
  test = await startTestServer({ desk, now: () => performance.now() + later });
  address = new URL(test.base);
  ({ token } = test.server.tokens.issue({ host: "worker", name: "Worker", scope: "work" }));
});
afterAll(() => test.stop());

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

it("opens a session with its token, and another one when that is over", async () => {
  const link = await openLink({ address, token });
  expect(await link.json("workBeat", { body: BEAT })).toEqual({ refused: null, held: [] });
  expect(link.instance).toBe(test.server.tokens.instance);
  later = 13 * 3_600_000;
  expect(await link.json("workBeat", { body: BEAT })).toEqual({ refused: null, held: [] });
  link.close();
});

it("shows its token to nobody who cannot prove that it is his", async () => {
  const heard: string[] = [];
  const squatter = createServer((request, response) => {
    heard.push(`${request.url} ${request.headers.authorization ?? ""}`);
    const health = { product: "impasto", instance: "c".repeat(32), protocol: PROTOCOL_VERSION, pairing: "closed" };
    response.setHeader("Content-Type", "application/json");
    const answer = request.url === "/v1/health" ? health : { proof: "0".repeat(64) };
    response.end(JSON.stringify(answer));
  });
  servers.push(squatter);
  await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", resolve));
  const { port } = squatter.address() as AddressInfo;
  const meeting = (async () => {
    const link = await openLink({ address: new URL(`http://127.0.0.1:${port}`), token });
    await link.json("workBeat", { body: BEAT });
  })();
  await expect(meeting).rejects.toThrow();
  expect(heard.length).toBeGreaterThan(0);
  const secret = token.split("_").at(-1) ?? token;
  expect(heard.join()).not.toContain(secret);
});

it("a token that is none, and one that was revoked, are refused with the way to a new one", async () => {
  await expect(openLink({ address, token: "hello" })).rejects.toMatchObject({ code: "bad-request" });
  const other = test.server.tokens.issue({ host: "worker", name: "Gone", scope: "work" });
  test.server.tokens.revoke(other.id);
  const link = await openLink({ address, token: other.token });
  await expect(link.json("workBeat", { body: BEAT })).rejects.toMatchObject({
    code: "unauthorized",
    hint: expect.stringContaining("impasto pair worker"),
  });
  link.close();
});

it("may ask only for what workers may, and others may not ask for that", async () => {
  const link = await openLink({ address, token });
  await expect(link.json("jobs")).rejects.toMatchObject({ code: "forbidden" });
  await expect(link.json("pairings")).rejects.toMatchObject({ code: "forbidden" });
  const bearer = test.server.sessions.open({ id: test.panel.id, scope: "jobs" });
  expect((await test.call("workBeat", { json: BEAT, bearer })).status).toBe(403);
  link.close();
});

it("repeats what it was asked to until the companion answers, and stops when it is told to", async () => {
  const link = await openLink({ address, token });
  let tries = 0;
  const { signal } = new AbortController();
  const unreachable = async () => {
    tries += 1;
    if (tries < 3) await openLink({ address: new URL("http://127.0.0.1:9"), token });
    return "answered";
  };
  expect(await link.patiently(unreachable, signal)).toBe("answered");
  expect(tries).toBe(3);
  const refused = async () => await link.json("jobs");
  await expect(link.patiently(refused, signal)).rejects.toMatchObject({ code: "forbidden" });
  const ending = new AbortController();
  const never = link.patiently(() => openLink({ address: new URL("http://127.0.0.1:9"), token }), ending.signal);
  ending.abort();
  await expect(never).rejects.toMatchObject({ code: "cancelled" });
  link.close();
});
