// Runs the fuzzers against one server and measures what the promise is about: a typed answer, soon, without growth.

import fc from "fast-check";
import { expect } from "vitest";
import { ROUTES } from "../../../companion/protocol/api.ts";
import { isErrorCode } from "../../../companion/protocol/errors.ts";
import { startChildServer } from "./child-server-control.ts";
import { sendRaw } from "./harness.ts";
import { createRawClient, type RawReply, type RawRequest } from "./raw-client.ts";
import { type FuzzedCall, fuzzedBytes, fuzzedJson, fuzzedPath } from "./request-fuzz.ts";

const TYPED_WITHIN_MS = 250;
/** On a busy machine any request may wait: one that took too long is sent again, and its best time counts. */
const TRIES = 4;
/** The key is derived slowly by design, so that codes cannot be guessed. */
const SLOW_BY_DESIGN = ROUTES.pairFinish.path;
const GROWTH_BYTES = 64 * 1024 * 1024;

export async function fuzz(count: number, seed: number): Promise<void> {
  const server = await startChildServer();
  const { port, token } = server;
  const client = createRawClient(port);
  const headers: [string, string][] = [
    ["Host", `localhost:${port}`],
    ["Authorization", `Bearer ${token}`],
    ["Idempotency-Key", "0123456789abcdef"],
  ];
  const times: number[] = [];
  let slowest = { ms: 0, what: "" };
  const statuses = new Map<number, number>();

  async function timed(request: RawRequest): Promise<RawReply | null> {
    let reply: RawReply | null = null;
    let best = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < TRIES && best > TYPED_WITHIN_MS; tries++) {
      const startedAt = performance.now();
      reply = await client.send(request);
      best = Math.min(best, performance.now() - startedAt);
    }
    if (request.path !== SLOW_BY_DESIGN) {
      times.push(best);
      if (best > slowest.ms) slowest = { ms: best, what: `${request.method} ${request.path.slice(0, 100)}` };
    }
    statuses.set(reply?.status ?? 0, (statuses.get(reply?.status ?? 0) ?? 0) + 1);
    return reply;
  }

  function checkTyped(reply: RawReply | null, method: string): void {
    if (reply === null) throw new Error("no answer");
    if (reply.status === 500) throw new Error(`a fault: ${reply.body}`);
    if (reply.status < 400 || method === "HEAD") return;
    if (!isErrorCode((JSON.parse(reply.body) as { code?: unknown }).code)) throw new Error(`untyped: ${reply.body}`);
  }

  async function sendJson({ route, path, body }: FuzzedCall): Promise<void> {
    const length = String(Buffer.byteLength(body, "latin1"));
    const sent: [string, string][] = [...headers, ["Content-Type", "application/json"], ["Content-Length", length]];
    checkTyped(await timed({ method: route.method, path, headers: sent, body }), route.method);
  }

  // What the first requests of each kind load and compile is no growth.
  await fc.assert(fc.asyncProperty(fuzzedJson, sendJson), { numRuns: 50, seed: seed + 1000 });
  const before = await server.ask<number>({ type: "memory" });
  const third = Math.round(count / 3);
  await fc.assert(fc.asyncProperty(fuzzedJson, sendJson), { numRuns: third, seed });
  await fc.assert(
    fc.asyncProperty(fuzzedPath, async ({ route, path }) => {
      const type: [string, string][] = route.body === undefined ? [] : [["Content-Type", "application/json"]];
      const sent: [string, string][] = [...headers, ...type, ["Content-Length", "0"]];
      checkTyped(await timed({ method: route.method, path, headers: sent }), route.method);
    }),
    { numRuns: third, seed },
  );
  client.close();

  await fc.assert(
    fc.asyncProperty(fuzzedBytes(port, token), async (bytes) => {
      // What is not finished would be waited for: the half-close tells the server that no more comes.
      const answer = await sendRaw(port, bytes, 2000, true);
      for (const reply of answer.split(/(?=HTTP\/1\.1 \d{3} )/)) {
        if (reply !== "" && !/^HTTP\/1\.1 (2\d\d|4\d\d) /.test(reply))
          throw new Error(`answered ${reply.slice(0, 200)}`);
      }
    }),
    { numRuns: third, seed },
  );

  const growth = (await server.ask<number>({ type: "memory" })) - before;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor((times.length - 1) * share)] as number;
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, n]) => `${status || "none"}: ${n}`);
  console.log(
    `fuzz: ${third * 3} requests; p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, ` +
      `slowest ${slowest.ms.toFixed(0)} ms (${slowest.what}); RSS ${(growth / 2 ** 20).toFixed(1)} MB more; ${counts.join(", ")}`,
  );
  const alive = await fetch(`http://127.0.0.1:${port}/v1/jobs`, { headers: { Authorization: `Bearer ${token}` } });
  expect(alive.status).toBe(200);
  await server.stop();
  expect(slowest.ms).toBeLessThan(TYPED_WITHIN_MS);
  expect(growth).toBeLessThan(GROWTH_BYTES);
}
