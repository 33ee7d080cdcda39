// Every route does what its line in the table says, and replies as its schema says.

import { createHash, randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ROUTES, type RouteName } from "../../../companion/protocol/api.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { ErrorSchema } from "../../../companion/protocol/schemas.ts";
import { progressAt } from "./fake-job-service.ts";
import { readLines, sendRaw, startTestServer, type TestServer } from "./harness.ts";

let test: TestServer;
beforeAll(async () => {
  test = await startTestServer({ heartbeatMs: 200 });
});
afterAll(() => test.stop());

async function json(name: RouteName, options: Parameters<TestServer["call"]>[1], status = 200): Promise<unknown> {
  const response = await test.call(name, options);
  const body: unknown = await response.json();
  expect([response.status, body]).toEqual([status, expect.anything()]);
  const { reply } = ROUTES[name] as { reply: { json: TSchema } };
  const errors = Value.Errors(response.ok ? reply.json : ErrorSchema, body);
  expect([...errors]).toEqual([]);
  return body;
}

const key = () => ({ "Idempotency-Key": randomBytes(8).toString("hex") });
function request() {
  const sha256 = test.fake.addBlob(Buffer.from("a picture"));
  const picture = { sha256, name: "photo" };
  return { content: picture, styles: [{ picture, weight: 2 }], settings: { strength: 70 } };
}

describe("pictures", () => {
  it("stores an upload once and knows it afterwards", async () => {
    const bytes = randomBytes(300_000);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const upload = {
      params: { sha256 },
      body: new Uint8Array(bytes),
      headers: { "Content-Type": "application/octet-stream" },
    };
    expect((await test.call("blobHead", { params: { sha256 } })).status).toBe(404);
    expect(await json("blobPut", upload, 201)).toEqual({ sha256, bytes: 300_000, created: true });
    expect(await json("blobPut", upload, 200)).toEqual({ sha256, bytes: 300_000, created: false });
    expect((await test.call("blobHead", { params: { sha256 } })).status).toBe(200);
  });

  it("refuses an upload whose hash is another, and one that is too large before it is sent", async () => {
    const headers = { "Content-Type": "application/octet-stream" };
    const params = { sha256: "0".repeat(64) };
    expect(await json("blobPut", { params, body: "abc", headers }, 422)).toMatchObject({ code: "hash-mismatch" });
    const large = new Uint8Array(64 * 1024 * 1024 + 1);
    expect(await json("blobPut", { params, body: large, headers }, 413)).toMatchObject({ code: "payload-too-large" });
  });

  it("gives up nothing for an upload that says that it is too large", async () => {
    const { putBlob } = test.fake.service;
    const asked = vi.fn(putBlob);
    test.fake.service.putBlob = asked;
    const upload = [
      `PUT /v1/blobs/${"0".repeat(64)} HTTP/1.1`,
      `Host: localhost:${test.server.port}`,
      `Authorization: Bearer ${test.panel.session}`,
      "Content-Type: application/octet-stream",
      `Content-Length: ${64 * 1024 * 1024 + 1}`,
    ];
    expect(await sendRaw(test.server.port, `${upload.join("\r\n")}\r\n\r\n`, 1000)).toMatch(/^HTTP\/1.1 413 /);
    expect(asked).not.toHaveBeenCalled();
    test.fake.service.putBlob = putBlob;
  });
});

describe("jobs", () => {
  it("takes masks, and a request in the form from before there were any", async () => {
    const masked = request();
    const { content, settings, styles } = masked;
    const styleWithMasks = { ...styles[0], region: content, source: { sha256: content.sha256 } };
    const whole = { ...masked, styles: [styleWithMasks], protect: content };
    expect(await json("jobSubmit", { json: whole, headers: key() }, 201)).toMatchObject({ request: whole });
    const old = { content, styles: [{ ...content, weight: 3 }, { sha256: content.sha256 }], settings };
    expect(await json("jobSubmit", { json: old, headers: key() }, 201)).toMatchObject({
      request: {
        styles: [
          { picture: content, weight: 3 },
          { picture: { sha256: content.sha256 }, weight: 1 },
        ],
      },
    });
    const typo = { ...old, styles: [{ ...content, wieght: 3 }] };
    expect(await json("jobSubmit", { json: typo, headers: key() }, 400)).toMatchObject({ code: "bad-request" });
  });

  it("submits, lists, shows, changes, cancels and forgets", async () => {
    const job = (await json("jobSubmit", { json: request(), headers: key() }, 201)) as { id: string };
    const params = { id: job.id };
    expect(await json("job", { params })).toMatchObject({ id: job.id, state: "queued", settings: { strength: 70 } });
    expect(await json("jobs", { query: "?state=queued&limit=5" })).toMatchObject({ jobs: expect.any(Array) });
    expect(await json("jobChange", { params, json: { settings: { strength: 20 }, action: "pause" } })).toMatchObject({
      state: "paused",
      settings: { strength: 20 },
    });
    expect(await json("jobDelete", { params })).toMatchObject({ state: "cancelled" });
    await json("jobDelete", { params, query: "?forget=true" });
    expect(await json("job", { params }, 404)).toMatchObject({ code: "not-found" });
  });

  it("answers a repeated submit with the same job and a changed one with conflict", async () => {
    const headers = key();
    const first = (await json("jobSubmit", { json: request(), headers }, 201)) as { id: string };
    const again = (await json("jobSubmit", { json: request(), headers }, 200)) as { id: string };
    expect(again.id).toBe(first.id);
    const changed = { ...request(), settings: { strength: 1 } };
    expect(await json("jobSubmit", { json: changed, headers }, 409)).toMatchObject({ code: "conflict" });
  });

  it("refuses a submit without a key, with a bad key, an unknown field, a bad setting, a missing picture", async () => {
    expect(await json("jobSubmit", { json: request() }, 400)).toMatchObject({ code: "bad-request" });
    const short = { "Idempotency-Key": "short" };
    expect(await json("jobSubmit", { json: request(), headers: short }, 400)).toMatchObject({ code: "bad-request" });
    const typo = { ...request(), setings: {} };
    expect(await json("jobSubmit", { json: typo, headers: key() }, 400)).toMatchObject({ code: "bad-request" });
    const setting = { ...request(), settings: { strength: 101 } };
    expect(await json("jobSubmit", { json: setting, headers: key() }, 400)).toEqual({
      code: "bad-setting",
      message: "Expected a number from 0 to 100 for strength but received 101.",
    });
    const missing = { ...request(), content: { sha256: "0".repeat(64) } };
    expect(await json("jobSubmit", { json: missing, headers: key() }, 404)).toMatchObject({ code: "not-found" });
  });

  it("sends the result and the latest preview as pictures that a page cannot take for itself", async () => {
    const { id } = test.fake.addJob();
    expect(await json("jobResult", { params: { id } }, 409)).toMatchObject({ code: "conflict" });
    test.fake.setResult(id, Buffer.from("PNG"));
    const result = await test.call("jobResult", { params: { id } });
    expect(await result.text()).toBe("PNG");
    expect(Object.fromEntries(result.headers)).toMatchObject({
      "content-type": "image/png",
      "content-length": "3",
      "content-disposition": "attachment",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
    test.fake.setPreview(id, 7, Buffer.from("JPEG"));
    const preview = await test.call("jobPreview", { params: { id, sequence: "5" } });
    expect([await preview.text(), preview.headers.get("impasto-sequence")]).toEqual(["JPEG", "7"]);
    expect(await json("jobPreview", { params: { id, sequence: "8" } }, 404)).toMatchObject({ code: "not-found" });
  });

  it("says what a request would cost", async () => {
    expect(await json("plan", { json: request() })).toMatchObject({ seconds: 4, fits: true });
  });
});

describe("a live picture", () => {
  it("comes as a picture, and nothing is kept of it", async () => {
    const response = await test.call("live", { json: request() });
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
      200,
      "image/png",
      "PNG",
    ]);
    expect(await json("live", { json: { ...request(), content: { sha256: "0".repeat(64) } } }, 404)).toMatchObject({
      code: "not-found",
    });
  });

  it("is given up when the one who asked goes away", async () => {
    const free = test.fake.holdLive();
    const before = test.fake.changes.length;
    const abort = new AbortController();
    const asked = test.call("live", { json: request(), signal: abort.signal });
    await expect.poll(() => test.fake.changes.slice(before), { timeout: 15_000 }).toEqual([`live ${test.panel.id}`]);
    abort.abort();
    await expect(asked).rejects.toThrow();
    await expect.poll(() => test.fake.changes.at(-1), { timeout: 15_000 }).toBe(`live ${test.panel.id} given up`);
    free();
  });
});

it("a picture that browsers do not read comes back as one that they do", async () => {
  const { content } = request();
  const response = await test.call("pictureConvert", { json: content });
  expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
    200,
    "image/jpeg",
    "JPEG",
  ]);
  expect(await json("pictureConvert", { json: { sha256: "0".repeat(64) } }, 404)).toMatchObject({ code: "not-found" });
});

describe("events of a job", () => {
  it("streams what is kept and what comes, and ends with the job", async () => {
    const { id } = test.fake.addJob();
    test.fake.emit(id, { type: "state", state: "running" });
    const response = await test.call("jobEvents", { params: { id } });
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    expect(response.headers.get("access-control-allow-origin")).toBe("null");
    test.fake.emit(id, { type: "progress", progress: progressAt(1) });
    test.fake.emit(id, { type: "state", state: "done" });
    const lines: unknown[] = [];
    for await (const line of readLines(response)) lines.push([line.sequence, line.type]);
    expect(lines).toEqual([
      [1, "state"],
      [2, "progress"],
      [3, "state"],
    ]);
    expect(test.fake.listeners(id)).toBe(0);
  });

  it("goes on after a sequence number, and ends at once when nothing is left of a finished job", async () => {
    const { id } = test.fake.addJob();
    test.fake.emit(id, { type: "state", state: "running" });
    test.fake.emit(id, { type: "state", state: "done" });
    const all: number[] = [];
    for await (const line of readLines(await test.call("jobEvents", { params: { id }, query: "?after=1" }))) {
      all.push(line.sequence as number);
    }
    expect(all).toEqual([2]);
    const rest = await test.call("jobEvents", { params: { id }, query: "?after=2" });
    expect(await rest.text()).toBe("");
  });

  it("are refused, and leave nobody behind, when a returning client cannot be noted", async () => {
    const { id } = test.fake.addJob();
    const { clientBack } = test.fake.service;
    test.fake.service.clientBack = () => {
      throw new ImpastoError("disk-full", "The disk is full.");
    };
    try {
      expect(await json("jobEvents", { params: { id } }, 507)).toMatchObject({ code: "disk-full" });
    } finally {
      test.fake.service.clientBack = clientBack;
    }
    expect(test.fake.listeners(id)).toBe(0);
    const stop = new AbortController();
    expect((await test.call("jobEvents", { params: { id }, signal: stop.signal })).status).toBe(200);
    stop.abort();
  });

  it("beats while nothing happens", async () => {
    const { id } = test.fake.addJob();
    const stop = new AbortController();
    let beats = 0;
    for await (const line of readLines(await test.call("jobEvents", { params: { id }, signal: stop.signal }))) {
      expect(line.type).toBe("heartbeat");
      if (++beats === 3) break;
    }
    stop.abort();
    expect(beats).toBe(3);
  });

  it("tells the job service when the last watcher leaves and when one comes back", async () => {
    const { id } = test.fake.addJob();
    const told = () => test.fake.changes.filter((change) => change.endsWith(id)).map((change) => change.slice(0, 4));
    const first = new AbortController();
    const second = new AbortController();
    await test.call("jobEvents", { params: { id }, signal: first.signal });
    await test.call("jobEvents", { params: { id }, signal: second.signal });
    first.abort();
    await expect.poll(() => test.fake.listeners(id)).toBe(1);
    expect(told()).toEqual(["back"]);
    second.abort();
    await expect.poll(told).toEqual(["back", "gone"]);
    expect(test.fake.listeners(id)).toBe(0);
  });

  it("knows that watchers left who asked one behind the other on one connection", async () => {
    const { id } = test.fake.addJob();
    const asked = `GET /v1/jobs/${id}/events HTTP/1.1\r\nHost: localhost:${test.server.port}\r\nAuthorization: Bearer ${test.panel.session}\r\n\r\n`;
    const socket = connect(test.server.port, "127.0.0.1", () => socket.write(asked.repeat(3)));
    await expect.poll(() => test.fake.listeners(id)).toBe(3);
    socket.destroy();
    await expect.poll(() => test.fake.listeners(id)).toBe(0);
    expect(test.fake.changes).toContain(`gone ${id}`);
  });

  it("starts the clock of a job that nobody watches", async () => {
    const { id } = (await json("jobSubmit", { json: request(), headers: key() }, 201)) as { id: string };
    expect(test.fake.changes).toContain(`gone ${id}`);
  });

  it("is not there for an unknown job", async () => {
    expect(await json("jobEvents", { params: { id: "0".repeat(32) } }, 404)).toMatchObject({ code: "not-found" });
  });
});

describe("batches", () => {
  it("submits, lists, shows, pauses, streams and cancels", async () => {
    const { content, ...rest } = request();
    const body = { ...rest, name: "Hero pictures", contents: [content, { ...content, name: "second" }] };
    const { id } = (await json("batchSubmit", { json: body, headers: key() }, 201)) as { id: string };
    const params = { id };
    expect(await json("batches", {})).toMatchObject({ batches: [{ id, counts: { queued: 2 } }] });
    expect(await json("batch", { params })).toMatchObject({ frames: [{ index: 0 }, { index: 1 }] });
    const stream = await test.call("batchEvents", { params });
    expect(await json("batchChange", { params, json: { action: "pause" } })).toMatchObject({ state: "paused" });
    expect(await json("batchChange", { params, json: { action: "dance" } }, 400)).toMatchObject({
      code: "bad-request",
    });
    expect(await json("batchDelete", { params })).toMatchObject({ state: "cancelled" });
    const states: unknown[] = [];
    for await (const { type, batch } of readLines(stream)) {
      // On a busy machine heartbeats come between.
      if (type !== "heartbeat") states.push((batch as { state: string }).state);
    }
    expect(states).toEqual(["paused", "cancelled", "cancelled"]);
  });
});

describe("the machine", () => {
  it("tells devices, networks and what the doctor finds", async () => {
    expect(await json("devices", {})).toMatchObject({ devices: [{ kind: "cpu" }] });
    expect(await json("networks", {})).toMatchObject({ networks: [{ name: "vgg19" }] });
    expect(await json("doctor", {})).toMatchObject({ checks: [{ ok: true }] });
  });

  it("downloads a network and streams how far it is", async () => {
    const params = { name: "vgg19" };
    expect(await json("networkEvents", { params }, 404)).toMatchObject({ code: "not-found" });
    expect(await json("networkPull", { params: { name: "vgg99" } }, 404)).toMatchObject({ code: "network-unknown" });
    await json("networkPull", { params }, 202);
    const stream = await test.call("networkEvents", { params });
    test.fake.pull.emit({ type: "progress", receivedBytes: 5, totalBytes: 10 });
    test.fake.pull.emit({ type: "failed", error: { code: "download-failed", message: "The network is down." } });
    const types: unknown[] = [];
    for await (const { type } of readLines(stream)) types.push(type);
    expect(types).toEqual(["progress", "failed"]);
  });

  it("takes a network of others, lists it, and removes it", async () => {
    const headers = { "Content-Type": "application/octet-stream" };
    const add = { query: "?name=mosaic", headers, body: randomBytes(100_000) };
    expect(await json("modelAdd", add, 201)).toMatchObject({ name: "mosaic", bytes: 100_000 });
    expect(await json("modelAdd", add, 409)).toMatchObject({ code: "conflict" });
    expect(await json("modelAdd", { ...add, query: "" }, 400)).toMatchObject({ code: "bad-request" });
    expect(await json("modelAdd", { ...add, query: "?name=..%2Fx" }, 400)).toMatchObject({ code: "bad-request" });
    expect(await json("models", {})).toMatchObject({ models: [{ name: "mosaic" }] });
    const params = { name: "mosaic" };
    expect((await test.call("modelDelete", { params })).status).toBe(204);
    expect(await json("modelDelete", { params }, 404)).toMatchObject({ code: "network-unknown" });
  });

  it("describes every route in OpenAPI", async () => {
    const { paths } = (await json("openapi", {})) as { paths: Record<string, Record<string, { operationId: string }>> };
    const described = Object.values(paths).flatMap((methods) => Object.values(methods).map((o) => o.operationId));
    expect(described.sort()).toEqual(Object.keys(ROUTES).sort());
  });
});

describe("the runtime file", () => {
  it("names the port, is its owner's alone and goes when the server does", async () => {
    const other = await startTestServer();
    const path = join(other.dataFolder, "runtime.json");
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ port: other.server.port, pid: process.pid });
    if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
    await other.server.close();
    expect(() => statSync(path)).toThrow("ENOENT");
    await other.stop();
  });
});
