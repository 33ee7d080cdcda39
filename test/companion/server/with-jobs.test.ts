// The HTTP face over the real job service (with the fake engine in a real child): what a panel does, and that
// every reply is as its schema says.

import { randomBytes } from "node:crypto";
import sharp from "sharp";
import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalJobService } from "../../../companion/jobs/job-service.ts";
import { readRecipe } from "../../../companion/jobs/read-recipe.ts";
import { ROUTES, type RouteName } from "../../../companion/protocol/api.ts";
import type { Batch } from "../../../companion/protocol/batches.ts";
import type { Job } from "../../../companion/protocol/jobs.ts";
import { bundleEntries } from "../support/bundle.ts";
import { openTestService, temporaryFolder } from "../support/job-service.ts";
import { noisePng, sha256 } from "../support/pictures.ts";
import { pairWith, readLines, startTestServer, type TestServer } from "./harness.ts";

let service: LocalJobService;
let test: TestServer;
let styles: { sha256: string }[];
beforeAll(async () => {
  const [childPath = ""] = await bundleEntries("fake-child");
  const dataFolder = temporaryFolder();
  service = await openTestService({ data: dataFolder, childPath, attendance: { pauseMs: 200, cancelMs: 60_000 } });
  test = await startTestServer({ service, dataFolder });
  styles = [{ sha256: await put(noisePng(1)) }];
});
afterAll(async () => {
  await test.stop();
  await service.close();
});

async function call<T>(name: RouteName, options: Parameters<TestServer["call"]>[1], status = 200): Promise<T> {
  const response = await test.call(name, options);
  const body: unknown = await response.json();
  expect([response.status, body]).toEqual([status, expect.anything()]);
  const { reply } = ROUTES[name] as { reply: { json: TSchema } };
  expect([...Value.Errors(reply.json, body)]).toEqual([]);
  return body as T;
}

async function put(bytes: Uint8Array<ArrayBuffer> | Buffer, status = 201): Promise<string> {
  const hash = sha256(bytes);
  const headers = { "Content-Type": "application/octet-stream" };
  await call("blobPut", { params: { sha256: hash }, body: new Uint8Array(bytes), headers }, status);
  return hash;
}

const headers = () => ({ "Idempotency-Key": randomBytes(8).toString("hex") });

/** Every job has a picture of its own; below stand those that tests name. */
let nextPicture = 100;

async function submit(settings: object = {}): Promise<Job> {
  const json = { content: { sha256: await put(noisePng(nextPicture++)) }, styles, settings };
  return call<Job>("jobSubmit", { json, headers: headers() }, 201);
}

describe("a panel", () => {
  it("uploads, asks what it costs, submits, watches to the end and fetches a picture with its recipe", async () => {
    const content = { sha256: await put(noisePng(7)), name: "photo" };
    await put(noisePng(7), 200);
    const json = { content, styles, settings: { strength: 60 } };
    await call("plan", { json });
    const { id } = await call<Job>("jobSubmit", { json, headers: headers() }, 201);
    const { reply } = ROUTES.jobEvents;
    let last: Record<string, unknown> = {};
    for await (const line of readLines(await test.call("jobEvents", { params: { id } }))) {
      expect([...Value.Errors(reply.ndjson, line)]).toEqual([]);
      last = line;
    }
    expect(last).toMatchObject({ type: "state", state: "done" });
    const job = await call<Job>("job", { params: { id } });
    const result = await test.call("jobResult", { params: { id } });
    const png = Buffer.from(await result.arrayBuffer());
    expect(sha256(png)).toBe(job.result?.sha256);
    expect(readRecipe(png)).toMatchObject({ inputs: { content }, settings: { strength: 60 } });
    await call("jobs", { query: "?state=done" });
    expect(await call<{ jobs: Job[] }>("jobs", { query: "?kept=yes" })).toMatchObject({ jobs: [{ id }] });
    const small = await test.call("jobThumbnail", { params: { id } });
    const { format, width = 0, height = 0 } = await sharp(Buffer.from(await small.arrayBuffer())).metadata();
    const { width: all = 0, height: tall = 0 } = await sharp(png).metadata();
    expect(format).toBe("png");
    expect([width, height]).toEqual([Math.min(all, 192), Math.min(tall, 192)]);
  });

  it("that leaves finds its job paused, and going on when it watches again", async () => {
    const { id } = await submit({ stepSize: 0.05, iterations: 1000 });
    const leave = new AbortController();
    await test.call("jobEvents", { params: { id }, signal: leave.signal });
    await expect.poll(() => service.get(id).state).toBe("running");
    leave.abort();
    await expect
      .poll(() => service.get(id), { timeout: 10_000 })
      .toMatchObject({ state: "paused", pauseReason: "client-gone" });
    const back = new AbortController();
    await test.call("jobEvents", { params: { id }, signal: back.signal });
    await expect.poll(() => service.get(id).state, { timeout: 10_000 }).toBe("running");
    await call("jobChange", { params: { id }, json: { action: "stop" } });
    await expect.poll(() => service.get(id).state, { timeout: 10_000 }).toBe("done");
    back.abort();
  });

  it("whose token is revoked while it watches is cut off, and its job pauses", async () => {
    const other = pairWith(test.server, { host: "figma", name: "Other", scope: "jobs" });
    const { id } = await submit({ stepSize: 0.05, iterations: 1000 });
    const stream = await test.call("jobEvents", { params: { id }, bearer: other.session });
    const cut = stream.text().catch(() => "cut");
    await expect.poll(() => service.get(id).state).toBe("running");
    test.server.tokens.revoke(other.id);
    expect(await cut).toBe("cut");
    await expect.poll(() => service.get(id).pauseReason, { timeout: 10_000 }).toBe("client-gone");
    expect(await call("jobDelete", { params: { id } })).toMatchObject({ state: "cancelled" });
  });

  it("runs a batch that goes on without it", async () => {
    const contents = [];
    for (const seed of [11, 12, 13]) contents.push({ sha256: await put(noisePng(seed)), name: `frame ${seed}` });
    const json = { styles, settings: {}, contents };
    const { id } = await call<Batch>("batchSubmit", { json, headers: headers() }, 201);
    const { reply } = ROUTES.batchEvents;
    for await (const line of readLines(await test.call("batchEvents", { params: { id } }))) {
      expect([...Value.Errors(reply.ndjson, line)]).toEqual([]);
    }
    expect(await call("batch", { params: { id } })).toMatchObject({ state: "done", counts: { done: 3 } });
    await call("batches", {});
  });

  it("is refused what is no picture, and a picture under another's name", async () => {
    const text = new TextEncoder().encode("<svg xmlns='http://www.w3.org/2000/svg'/>");
    const send = (hash: string, body: Uint8Array<ArrayBuffer>) =>
      test.call("blobPut", { params: { sha256: hash }, body, headers: { "Content-Type": "application/octet-stream" } });
    expect((await send(sha256(text), text)).status).toBe(415);
    expect(await (await send("0".repeat(64), new Uint8Array(noisePng(3)))).json()).toMatchObject({
      code: "hash-mismatch",
    });
    const missing = { content: { sha256: "0".repeat(64) }, styles, settings: {} };
    expect((await test.call("jobSubmit", { json: missing, headers: headers() })).status).toBe(404);
  });

  it("reads devices, networks and what the doctor says", async () => {
    await call("devices", {});
    await call("networks", {});
    await call("doctor", {});
  });
});
