// Calls to this machine itself, with a proxy set for the whole process.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getGlobalDispatcher, ProxyAgent, setGlobalDispatcher } from "undici";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fetchLoopback } from "../../companion/loopback.ts";

const seen: string[] = [];
const server = createServer((incoming, reply) => {
  seen.push(incoming.url ?? "");
  let body = "";
  incoming.on("data", (data: Buffer) => {
    body += data;
  });
  incoming.on("end", () => {
    if (incoming.url === "/bare") reply.writeHead(204).end();
    else reply.writeHead(200).end(JSON.stringify({ method: incoming.method, body }));
  });
});
let base = "";
const before = getGlobalDispatcher();
beforeEach(async () => {
  seen.length = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // What NODE_USE_ENV_PROXY does in the versions of Node that know it; nobody listens there.
  setGlobalDispatcher(new ProxyAgent("http://127.0.0.1:9"));
});
afterEach(async () => {
  setGlobalDispatcher(before);
  await new Promise((resolve) => server.close(resolve));
});

test("go past the proxy, which fetch would ask", async () => {
  await expect(fetch(`${base}/asked`)).rejects.toThrow();
  const reply = await fetchLoopback(`${base}/straight`, { method: "POST", body: "words" });
  expect([reply.status, await reply.json()]).toEqual([200, { method: "POST", body: "words" }]);
  expect(seen).toEqual(["/straight"]);
});

test("a reply without a body is one, and a refused connection rejects", async () => {
  const bare = await fetchLoopback(`${base}/bare`);
  expect([bare.status, await bare.text()]).toEqual([204, ""]);
  await expect(fetchLoopback("http://127.0.0.1:9/")).rejects.toThrow("ECONNREFUSED");
});
