// The transport: ports, preflights, upgrades, uploads, slow readers, pages, logs.

import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLog, rotatingFile } from "../../../companion/log.ts";
import { FIGMA_PLUGIN_PATH, PORTS, PROTOCOL_VERSION } from "../../../companion/protocol/ports.ts";
import { listen } from "../../../companion/server/listen.ts";
import { type PairingTransport, pair } from "../../../ui/pairing.ts";
import { progressAt } from "./fake-job-service.ts";
import { sendRaw, startTestServer, type TestServer } from "./harness.ts";
import { createRawClient } from "./raw-client.ts";

let test: TestServer;
beforeAll(async () => {
  test = await startTestServer({ heartbeatMs: 60_000 });
});
afterAll(() => test.stop());

function occupy(host: string, port = 0): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, exclusive: true, ipv6Only: host === "::1" }, () => resolve(server));
  });
}
const portOf = (server: Server) => (server.address() as AddressInfo).port;

describe("ports", () => {
  it("are three, in a row", () => {
    expect(PORTS).toEqual([47820, 47821, 47822]);
  });

  it("that anything holds on either loopback address count as taken, and the next one is used", async () => {
    const four = await occupy("127.0.0.1");
    const six = await occupy("::1");
    const free = await occupy("127.0.0.1");
    const freePort = portOf(free);
    await new Promise((resolve) => free.close(resolve));
    const listening = await listen((_request, response) => response.end(), {
      ports: [portOf(four), portOf(six), freePort],
    });
    expect(listening?.port).toBe(freePort);
    await listening?.close();
    expect(await listen(() => undefined, { ports: [portOf(four), portOf(six)] })).toBeNull();
    await Promise.all([four, six].map((server) => new Promise((resolve) => server.close(resolve))));
  });

  it("answer on 127.0.0.1 and on ::1", async () => {
    for (const host of ["127.0.0.1", "[::1]", "localhost"]) {
      const reply = await fetch(`http://${host}:${test.server.port}/v1/health`);
      expect(await reply.json()).toEqual({
        product: "impasto",
        protocol: PROTOCOL_VERSION,
        instance: test.server.tokens.instance,
        pairing: "closed",
      });
    }
  });

  it("that are all taken are named in the error", async () => {
    const taken = await occupy("127.0.0.1");
    await expect(startTestServer({ ports: [portOf(taken)] })).rejects.toMatchObject({
      code: "port-taken",
      message: expect.stringContaining(String(portOf(taken))),
    });
    await new Promise((resolve) => taken.close(resolve));
  });
});

describe("another address of the machine", () => {
  it("is listened on when asked for, under its own name, and still wants the token", async ({ skip }) => {
    if (process.platform === "darwin") skip("macOS gives the loopback interface one address only");
    expect(await fetch(`http://127.0.0.2:${test.server.port}/v1/health`).catch(() => "refused")).toBe("refused");
    const open = await startTestServer({ lanHost: "127.0.0.2" });
    const base = `http://127.0.0.2:${open.server.port}`;
    expect((await fetch(`${base}/v1/health`)).status).toBe(200);
    expect((await fetch(`${base}/v1/jobs`)).status).toBe(401);
    const headers = { Authorization: `Bearer ${open.panel.session}` };
    expect((await fetch(`${base}/v1/jobs`, { headers })).status).toBe(200);
    expect((await open.call("jobs")).status).toBe(200);
    await open.stop();
  });

  it("that is all of them takes the machine's names and no others", async () => {
    const open = await startTestServer({ lanHost: "0.0.0.0" });
    const client = createRawClient(open.server.port);
    const ask = async (host: string) => {
      const headers: [string, string][] = [["Host", `${host}:${open.server.port}`]];
      return (await client.send({ method: "GET", path: "/v1/health", headers }))?.status;
    };
    expect(await ask(hostname())).toBe(200);
    expect(await ask("localhost")).toBe(200);
    expect(await ask("evil.test")).toBe(421);
    client.close();
    await open.stop();
  });
});

describe("a preflight", () => {
  it("of Figma's panel allows the headers that the panel sends, without credentials", async () => {
    const reply = await fetch(`${test.base}/v1/jobs`, {
      method: "OPTIONS",
      headers: { Origin: "null", "Access-Control-Request-Method": "POST" },
    });
    expect(reply.status).toBe(204);
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      "access-control-allow-origin": "null",
      "access-control-allow-headers": "authorization, content-type, idempotency-key",
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-max-age": "600",
      vary: "Origin",
    });
    expect(reply.headers.has("access-control-allow-credentials")).toBe(false);
  });
});

describe("an upgrade", () => {
  const shapes = ["websocket", "WebSocket", "h2c", "TLS/1.0", "foo", "websocket, h2c"].flatMap((to) =>
    ["", "Origin: null\r\n", "Origin: https://evil.test\r\n", "Sec-WebSocket-Protocol: imp\r\n"].map((more) => ({
      to,
      more,
    })),
  );
  it(`of any of ${shapes.length} shapes is refused and the connection closed`, async () => {
    for (const { to, more } of shapes) {
      const answer = await sendRaw(
        test.server.port,
        `GET /v1/health HTTP/1.1\r\nHost: localhost:${test.server.port}\r\nConnection: Upgrade\r\nUpgrade: ${to}\r\n${more}` +
          `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 426 /);
      expect(JSON.parse(answer.split("\r\n\r\n")[1] as string)).toMatchObject({ code: "bad-request" });
    }
  });
});

describe("uploads", () => {
  const put = (body: string) =>
    test.call("blobPut", {
      params: { sha256: "0".repeat(64) },
      headers: { "Content-Type": "application/octet-stream" },
      body,
    });

  it("of one panel are four at a time", async () => {
    const head = (length: number) =>
      `PUT /v1/blobs/${"0".repeat(64)} HTTP/1.1\r\nHost: localhost:${test.server.port}\r\nAuthorization: Bearer ${test.panel.session}\r\n` +
      `Content-Type: application/octet-stream\r\nContent-Length: ${length}\r\n\r\n`;
    const sockets = Array.from({ length: 4 }, () => connect(test.server.port, "127.0.0.1"));
    for (const socket of sockets) socket.on("error", () => undefined).write(`${head(1000)}part`);
    await expect.poll(async () => (await put("abc")).status).toBe(503);
    for (const socket of sockets) socket.destroy();
    await expect.poll(async () => (await put("abc")).status).toBe(422);
  });

  it("longer than they said, or than is allowed, are refused while they come", async () => {
    const chunk = `${(1 << 20).toString(16)}\r\n${"x".repeat(1 << 20)}\r\n`;
    const client = createRawClient(test.server.port);
    const headers: [string, string][] = [
      ["Host", `localhost:${test.server.port}`],
      ["Authorization", `Bearer ${test.panel.session}`],
      ["Content-Type", "application/octet-stream"],
      ["Transfer-Encoding", "chunked"],
    ];
    const path = `/v1/blobs/${"0".repeat(64)}`;
    const answer = await client.send({ method: "PUT", path, headers, body: `${chunk.repeat(65)}0\r\n\r\n` });
    client.close();
    expect(answer?.status).toBe(413);
  });
});

describe("a client that reads slowly", () => {
  it("misses superseded progress and nothing else, in order", async () => {
    const { id } = test.fake.addJob();
    const socket = connect(test.server.port, "127.0.0.1");
    const request = `GET /v1/jobs/${id}/events HTTP/1.1\r\nHost: localhost:${test.server.port}\r\nConnection: close\r\nAuthorization: Bearer ${test.panel.session}\r\n\r\n`;
    await new Promise<void>((resolve) => socket.write(request, () => resolve()));
    await expect.poll(() => test.fake.listeners(id)).toBe(1);
    socket.pause();
    const COUNT = 15_000;
    for (let index = 1; index <= COUNT; index++) {
      test.fake.emit(id, { type: "progress", progress: progressAt(index) });
      if (index % 5000 === 0) test.fake.emit(id, { type: "change", change: { iteration: index, settings: {} } });
      if (index % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    test.fake.emit(id, { type: "state", state: "done" });
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString();
    });
    socket.resume();
    await new Promise((resolve) => socket.once("end", resolve));
    socket.destroy();
    const events = [...text.matchAll(/^\{.*\}$/gm)].map(
      ([line]) => JSON.parse(line) as { type: string; sequence: number },
    );
    const sequences = events.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    expect(events.filter(({ type }) => type === "change").length).toBe(3);
    expect(events.at(-1)).toMatchObject({ type: "state" });
    expect(events.findLast(({ type }) => type === "progress")).toMatchObject({ progress: { iteration: COUNT } });
    expect(events.length).toBeLessThan(COUNT);
    expect(test.fake.listeners(id)).toBe(0);
  });
});

describe("pages", () => {
  it("may not be framed, but Photopea's by Photopea; only scripts that stand in them run", async () => {
    const home = await fetch(`${test.base}/`);
    expect(home.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(home.headers.get("content-security-policy")).toMatch(/script-src 'sha256-/);
    expect(home.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect((await fetch(`${test.base}/photopea/`)).status).toBe(404);
    mkdirSync(join(test.dataFolder, "dist"));
    writeFileSync(join(test.dataFolder, "dist", "photopea.html"), "<title>Panel</title><script>1</script>");
    writeFileSync(join(test.dataFolder, "dist", "studio.html"), "<title>Studio</title>");
    const photopea = await fetch(`${test.base}/photopea/`);
    expect(await photopea.text()).toContain("Panel");
    expect(photopea.headers.get("content-security-policy")).toContain("frame-ancestors https://www.photopea.com");
    expect(await (await fetch(`${test.base}/`)).text()).toContain("Studio");
    expect((await fetch(`${test.base}/photopea/`, { headers: { "Sec-Fetch-Dest": "iframe" } })).status).toBe(200);
    // fetch() sets this header itself, so it goes by hand.
    const client = createRawClient(test.server.port);
    const headers: [string, string][] = [
      ["Host", `localhost:${test.server.port}`],
      ["Sec-Fetch-Dest", "iframe"],
    ];
    expect((await client.send({ method: "GET", path: "/", headers }))?.status).toBe(403);
    client.close();
  });
});

describe("files beside the pages", () => {
  it("are the Figma plugin, and Photopea's icon and description; nobody needs a token for them", async () => {
    const dist = join(test.dataFolder, "dist");
    expect((await fetch(`${test.base}${FIGMA_PLUGIN_PATH}`)).status).toBe(404);
    expect((await fetch(`${test.base}/photopea/icon.png`)).status).toBe(404);
    mkdirSync(join(dist, "plugin"), { recursive: true });
    for (const name of ["code.js", "plugin/ui.html", "plugin/manifest.json", "plugin/README.md", "photopea-icon.png"]) {
      writeFileSync(join(dist, name), name);
    }
    const plugin = await fetch(`${test.base}${FIGMA_PLUGIN_PATH}`);
    expect(plugin.headers.get("content-disposition")).toMatch(
      /^attachment; filename="impasto-plugin-\d+\.\d+\.\d+\.zip"$/,
    );
    expect(Buffer.from(await plugin.arrayBuffer()).includes("ui.html")).toBe(true);
    const icon = await fetch(`${test.base}/photopea/icon.png`);
    expect(icon.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
    expect(await icon.text()).toBe("photopea-icon.png");
    expect(await (await fetch(`${test.base}/photopea/plugin.json`)).json()).toMatchObject({
      url: `http://localhost:${test.server.port}/photopea/`,
      icon: `===http://localhost:${test.server.port}/photopea/icon.png`,
    });
  });
});

describe("the log", () => {
  it("has a line for every request, with no token, no code, no name of a picture and no hash of one", async () => {
    const { code } = test.server.window.open();
    const send = async <T>(name: "pairStart" | "pairFinish", json: unknown) =>
      (await (await test.call(name, { json, bearer: null })).json()) as T;
    const transport: PairingTransport = {
      start: (message) => send("pairStart", message),
      finish: (message) => send("pairFinish", message),
    };
    const paired = await pair(transport, code, { host: "figma", name: "Panel of Ada" });
    const session = await test.sessionOf(paired.token);
    const sha256 = test.fake.addBlob(Buffer.from("secret picture"));
    const json = { content: { sha256, name: "Wedding of Ada" }, styles: [{ sha256 }], settings: {} };
    const job = await test.call("jobSubmit", { json, bearer: session, headers: { "Idempotency-Key": "abcdefgh" } });
    const { id } = (await job.json()) as { id: string };
    await test.call("job", { params: { id }, bearer: session });
    await test.call("job", { params: { id: "Wedding" }, bearer: session });
    const text = readFileSync(test.logFile, "utf8");
    const lines = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(expect.objectContaining({ route: "/v1/jobs", method: "POST", status: 201 }));
    expect(lines).toContainEqual(expect.objectContaining({ route: "/v1/jobs/:id", id, status: 200 }));
    expect(lines).toContainEqual(expect.objectContaining({ status: 404, refusal: "not-found" }));
    const secrets = [
      paired.token,
      paired.token.slice(21),
      session,
      session.slice(4),
      test.panel.secret,
      test.admin.secret,
      code,
      sha256,
      "Ada",
      "Wedding",
    ];
    for (const secret of secrets) expect(text).not.toContain(secret);
  });

  it("that cannot be written is said to be so, with what to do", () => {
    const file = join(test.dataFolder, "no-folder");
    writeFileSync(file, "");
    expect(() => createLog(join(file, "companion.log"))).toThrow(
      expect.objectContaining({ code: "file-not-writable", hint: expect.stringContaining("--log-file") }),
    );
  });

  it("rotates, and keeps three old files", () => {
    const folder = join(test.dataFolder, "logs");
    const log = rotatingFile(join(folder, "a.log"), 100);
    for (let index = 0; index < 40; index++) log.write(`line ${index} ${"x".repeat(30)}\n`);
    expect(readdirSync(folder).sort()).toEqual(["a.log", "a.log.1", "a.log.2", "a.log.3"]);
    expect(readFileSync(join(folder, "a.log"), "utf8")).toContain("line 39");
  });

  it("goes on in the same file when it cannot rotate, and writes into no other", () => {
    const folder = join(test.dataFolder, "stuck");
    mkdirSync(join(folder, "a.log.3", "in the way"), { recursive: true });
    writeFileSync(join(folder, "a.log.2"), "");
    const log = rotatingFile(join(folder, "a.log"), 50);
    log.write(`${"x".repeat(45)}\n`);
    log.write("first\n");
    const other = openSync(join(folder, "other"), "w");
    log.write("second\n");
    log.write("third\n");
    expect(writeSync(other, "its own")).toBe(7);
    closeSync(other);
    expect(readFileSync(join(folder, "other"), "utf8")).toBe("its own");
    expect(readFileSync(join(folder, "a.log"), "utf8")).toMatch(/first\nsecond\nthird\n$/);
  });
});
