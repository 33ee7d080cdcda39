// Uploads that break off or drip while nobody reads them: refused ones, and those that still wait for the disk.

import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
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
function begin(query: string): { answer: Promise<string>; breakOff(): void } {
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
  return { answer, breakOff: () => socket.destroy() };
}

it("refused for their address, they harm nobody when they break off or drip", async () => {
  const [one, two] = [begin("?unknown=1"), begin("?unknown=1")];
  for (const { answer } of [one, two]) expect(await answer).toMatch(/^HTTP\/1\.1 400 /);
  one.breakOff();
  // Past the time in which a body must have come at some rate, and that after which its connection is cut.
  await sleep(6500);
  two.breakOff();
  await sleep(100);
  expect(faults).toEqual([]);
  expect((await fetch(`${test.base}/v1/health`)).status).toBe(200);
}, 20_000);

it("not read yet, they harm nobody when they break off, and their reader learns of it", async () => {
  const { service } = test.fake;
  const { putBlob } = service;
  const outcome = new Promise<unknown>((resolve) => {
    service.putBlob = async (...upload) => {
      await sleep(300);
      const reading = putBlob(...upload);
      reading.then(resolve, resolve);
      return await reading;
    };
  });
  const { breakOff } = begin("");
  await sleep(100);
  breakOff();
  expect(await outcome).toMatchObject({ code: "bad-request" });
  service.putBlob = putBlob;
  await sleep(50);
  expect(faults).toEqual([]);
  expect((await fetch(`${test.base}/v1/health`)).status).toBe(200);
});
