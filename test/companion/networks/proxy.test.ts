// The environment's proxy is used, and NO_PROXY is heeded.

import { readFile } from "node:fs/promises";
import { createServer, request as httpRequest } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pullNetwork } from "../../../companion/networks/pull.ts";
import { type SourceServer, startSourceServer } from "./source-server.ts";
import { errorOf, IMPATIENT, registryOf, useTemporaryCache } from "./support.ts";
import { randomKerasLayers, THIN_WIDTHS, writeKerasFile } from "./synthetic.ts";

const VARIABLES = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];
let saved: Record<string, string | undefined>;
let cache: Awaited<ReturnType<typeof useTemporaryCache>>;
let source: SourceServer;
let proxy: { url: string; seen: string[]; close: () => void };

/** A name that leads nowhere but through the proxy. */
const ELSEWHERE = "networks.test";

/** A forward proxy: CONNECT tunnels, and absolute addresses. */
async function startProxy() {
  const seen: string[] = [];
  const server = createServer((incoming, response) => {
    seen.push(`GET ${incoming.url}`);
    const { url = "", headers } = incoming;
    httpRequest(url.replace(ELSEWHERE, "127.0.0.1"), { headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    }).end();
  });
  server.on("connect", (incoming, client) => {
    seen.push(`CONNECT ${incoming.url}`);
    const [, port] = (incoming.url ?? "").split(":");
    const upstream = connect(Number(port), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on("error", () => client.destroy());
    client.on("error", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, close };
}

beforeEach(async () => {
  saved = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));
  for (const name of VARIABLES) delete process.env[name];
  cache = await useTemporaryCache();
  const file = join(cache.folder, "thin.h5");
  await writeKerasFile(file, randomKerasLayers(THIN_WIDTHS, 41));
  source = await startSourceServer(await readFile(file));
  proxy = await startProxy();
});
afterEach(async () => {
  for (const [name, value] of Object.entries(saved)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  proxy.close();
  await source.close();
  await cache.remove();
});

function pull(host = ELSEWHERE) {
  const url = `${source.url.replace("127.0.0.1", host)}/file.h5`;
  const registry = registryOf("thin", THIN_WIDTHS, [{ url, format: "keras-hdf5" }]);
  return pullNetwork("thin", { registry, patience: { ...IMPATIENT, attempts: 2 } });
}

test("HTTP_PROXY is used", async () => {
  process.env.HTTP_PROXY = proxy.url;
  await pull();
  expect(proxy.seen.length).toBeGreaterThan(0);
  expect(proxy.seen[0]).toContain(ELSEWHERE);
});

test("HTTPS_PROXY is asked for a tunnel to https addresses", async () => {
  process.env.HTTPS_PROXY = proxy.url;
  const url = source.url.replace("http:", "https:").replace("127.0.0.1", ELSEWHERE);
  const registry = registryOf("thin", THIN_WIDTHS, [{ url: `${url}/file.h5`, format: "keras-hdf5" }]);
  // The source speaks no TLS, so the pull fails, but only behind the proxy.
  const error = await errorOf(pullNetwork("thin", { registry, patience: { ...IMPATIENT, attempts: 1 } }));
  expect(error.code).toBe("download-failed");
  expect(proxy.seen).toEqual([`CONNECT ${url.replace("https://", "")}`]);
});

test("NO_PROXY goes past it", async () => {
  process.env.HTTP_PROXY = proxy.url;
  process.env.NO_PROXY = ELSEWHERE;
  await errorOf(pull());
  expect(proxy.seen).toEqual([]);
});

test.each(["127.0.0.1", "localhost"])("%s is never asked for through a proxy", async (host) => {
  process.env.HTTP_PROXY = proxy.url;
  process.env.NO_PROXY = "example.org";
  await pull(host);
  expect(proxy.seen).toEqual([]);
});

test("without a proxy nothing goes through one", async () => {
  await pull("127.0.0.1");
  expect(proxy.seen).toEqual([]);
});
