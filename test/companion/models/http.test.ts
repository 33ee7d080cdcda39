// Networks of others as a client of the companion brings them: over HTTP, through the engine's child, into the store.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LocalJobService } from "../../../companion/jobs/job-service.ts";
import { encodePicture } from "../../../companion/pictures/encode.ts";
import { startTestServer, type TestServer } from "../server/harness.ts";
import { finished, newKey, openTestService, submit, upload } from "../support/job-service.ts";
import { type ModelHome, modelHome, picture } from "./support.ts";
import { looping, negative } from "./write-onnx.ts";

let home: ModelHome;
let data: string;
let service: LocalJobService;
let server: TestServer;
beforeAll(async () => {
  home = modelHome();
  data = join(home.folder, "jobs");
  service = await openTestService({ data });
  server = await startTestServer({ service });
});
afterAll(async () => {
  await server.stop();
  await service.close();
  home.remove();
});

async function add(
  query: string,
  body: Uint8Array,
  more: { signal?: AbortSignal } = {},
): Promise<[number, Record<string, unknown>]> {
  const headers = { "Content-Type": "application/octet-stream" };
  const response = await server.call("modelAdd", { query, headers, body: new Uint8Array(body), ...more });
  return [response.status, (await response.json()) as Record<string, unknown>];
}

const listed = async () =>
  ((await (await server.call("models")).json()) as { models: { name: string }[] }).models.map(({ name }) => name);

test("a model comes in, paints a job and a batch, and goes", async () => {
  const descriptor = encodeURIComponent(JSON.stringify({ license: "CC0" }));
  const [status, model] = await add(`?name=negative&descriptor=${descriptor}`, negative(255));
  expect([status, model]).toMatchObject([201, { name: "negative", descriptor: { license: "CC0" } }]);
  expect(model.found).toContain("content.range");
  expect(await listed()).toEqual(["negative"]);

  const content = await upload(service, Buffer.from(await encodePicture(picture(96, 72), "png")));
  const wanted = { styles: [], settings: { model: "negative" } };
  const job = await submit(service, { content: { sha256: content }, ...wanted, detached: true });
  expect(await finished(service, job.id, 60_000)).toMatchObject({
    state: "done",
    recipe: { model: { name: "negative" } },
  });
  const { batch } = await service.submitBatch({ ...wanted, contents: [{ sha256: content }] }, newKey());
  await expect.poll(() => service.getBatch(batch.id).counts.done, { timeout: 60_000 }).toBe(1);

  expect((await server.call("modelDelete", { params: { name: "negative" } })).status).toBe(204);
  expect(await listed()).toEqual([]);
});

test("BAD CALL - what is no network, or no descriptor, leaves nothing behind", async () => {
  const [status, refusal] = await add("?name=rubbish", Buffer.from("PK\x03\x04 an archive"));
  expect([status, refusal.code]).toEqual([422, "bad-network"]);
  // By the name that was given, not by the file's on this disk.
  expect(String(refusal.message)).toContain("rubbish");
  expect(await add("?name=x&descriptor=%7B", negative(255))).toMatchObject([400, { code: "bad-request" }]);
  expect(await add(`?name=x&descriptor=${encodeURIComponent('{"content": 3}')}`, negative(255))).toMatchObject([
    400,
    { code: "bad-request" },
  ]);
  expect(await listed()).toEqual([]);
  expect(readdirSync(join(data, "tmp"))).toEqual([]);
});

test("BAD CALL - what is seen to be no ONNX is refused while the rest of it is still to come", async () => {
  const pickle = Buffer.concat([Buffer.from("\x80\x02}q", "latin1"), Buffer.alloc(1200)]);
  const stream = new PassThrough();
  stream.write(pickle); // and has no end
  const options = { declaredBytes: undefined, signal: new AbortController().signal };
  await expect(service.addModel({ name: "pickle" }, stream, options)).rejects.toMatchObject({
    code: "bad-network",
    message: expect.stringMatching(/^pickle is a pickle/),
  });
  expect(readdirSync(join(data, "tmp"))).toEqual([]);
});

test("a client that gives up while its model is tried leaves nothing behind, and the next one has not to wait", async () => {
  const abort = new AbortController();
  const endless = add("?name=endless", looping(2n ** 62n), { signal: abort.signal });
  const given = expect(endless).rejects.toMatchObject({ name: "AbortError" });
  const next = async (body: Uint8Array) => (await add("?name=next", body))[0];
  await expect.poll(() => next(Buffer.from("rubbish")), { timeout: 20_000 }).toBe(503);
  abort.abort();
  await given;
  await expect.poll(() => next(negative(1)), { timeout: 20_000 }).toBe(201);
  expect(await listed()).toEqual(["next"]);
  expect(readdirSync(join(data, "tmp"))).toEqual([]);
});
