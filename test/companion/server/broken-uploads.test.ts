// Uploads that break off or drip while nobody reads them: refused ones, and those that still wait for the disk.

import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { startTestServer, type TestServer } from "./harness.ts";

let test: TestServer;
let faults: unknown[] = [];
let others: NodeJS.UncaughtExceptionListener[] = [];
const note = (error: unknown) => faults.push(error);

beforeAll(async () => {
  test = await startTestServer();
});
afterAll(() => test.stop());

/** What would end a companion; the test runner's own listeners would only tell of it. */
beforeEach(() => {
  faults = [];
  others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException").on("uncaughtException", note);
});
afterEach(() => {
  process.off("uncaughtException", note);
  for (const listener of others) process.on("uncaughtException", listener);
});

/** Sends the head of an upload of 1 MB and one byte of it; `answer` is what came back first. */
function begin(query: string): { answer: Promise<string>; closed: Promise<unknown>; breakOff(): void } {
  const socket = connect(test.server.port, "127.0.0.1");
  socket.write(
    `PUT /v1/blobs/${"0".repeat(64)}${query} HTTP/1.1\r\nHost: localhost:${test.server.port}\r\n` +
      `Authorization: Bearer ${test.panel.session}\r\nContent-Type: application/octet-stream\r\n` +
      `Content-Length: 1000000\r\n\r\nx`,
  );
  const answer = new Promise<string>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("data", (data) => resolve(data.toString("latin1")));
  });
  answer.catch(() => undefined);
  const closed = new Promise((resolve) => socket.on("close", resolve));
  return { answer, closed, breakOff: () => socket.destroy() };
}

it("refused for their address, they harm nobody when they break off or drip", async () => {
  const [one, two] = [begin("?unknown=1"), begin("?unknown=1")];
  for (const { answer } of [one, two]) expect(await answer).toMatch(/^HTTP\/1\.1 400 /);
  one.breakOff();
  // Its body does not come at the rate that is asked for.
  await two.closed;
  expect((await fetch(`${test.base}/v1/health`)).status).toBe(200);
  expect(faults).toEqual([]);
}, 20_000);

it("not read yet, they harm nobody when they break off, and their reader learns of it", async () => {
  const { service } = test.fake;
  const { putBlob } = service;
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const outcome = new Promise<unknown>((resolve) => {
    service.putBlob = async (...upload) => {
      const [, stream] = upload;
      const broken = new Promise((settle) => stream.on("close", settle));
      arrive();
      await broken;
      const reading = putBlob(...upload);
      reading.then(resolve, resolve);
      return await reading;
    };
  });
  const { breakOff } = begin("");
  await arrived;
  breakOff();
  expect(await outcome).toMatchObject({ code: "bad-request" });
  service.putBlob = putBlob;
  expect((await fetch(`${test.base}/v1/health`)).status).toBe(200);
  expect(faults).toEqual([]);
});
