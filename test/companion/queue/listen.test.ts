// Hearing what is said on the queue, through a network that breaks.

import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Bull, loadBull } from "../../../companion/queue/bull.ts";

const COMMAND = /\*\d+\r\n\$\d+\r\n(\w+)\r\n/g;
const INFO = "redis_version:7.2.0\r\n";

let redis: Server;
let bull: Bull;
/** The connections of one listener, in their order. */
let sockets: Socket[];
/** Which of them were asked to subscribe. */
let subscribed: Socket[];

beforeEach(async () => {
  sockets = [];
  subscribed = [];
  redis = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      for (const [, name = ""] of bytes.toString().matchAll(COMMAND)) answer(socket, name.toLowerCase());
    });
  });
  redis.listen(0, "127.0.0.1");
  await once(redis, "listening");
  bull = await loadBull(`redis://127.0.0.1:${(redis.address() as AddressInfo).port}`, "test", () => undefined);
});

afterEach(async () => {
  await bull.close();
  redis.close();
});

/** As Redis does; a second connection hears nothing of its subscription. */
function answer(socket: Socket, command: string): void {
  if (command === "info") socket.write(`$${INFO.length}\r\n${INFO}\r\n`);
  else if (command === "hello") socket.write("-ERR unknown command 'HELLO'\r\n");
  else if (command !== "subscribe") socket.write("+OK\r\n");
  else {
    subscribed.push(socket);
    if (sockets.length === 1) socket.write(confirmation("hints"));
  }
}

const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`;
const confirmation = (channel: string) => `*3\r\n${bulk("subscribe")}${bulk(channel)}:1\r\n`;
const message = (channel: string, text: string) => `*3\r\n${bulk("message")}${bulk(channel)}${bulk(text)}`;

it("listens again after a break, and ends without a word while the new subscription is under way", async () => {
  const heard: string[] = [];
  bull.listen("hints", (text) => heard.push(text));
  await expect.poll(() => subscribed.length).toBe(1);
  sockets[0]?.write(message("hints", "before"));
  await expect.poll(() => heard).toEqual(["before"]);
  sockets[0]?.destroy();
  await expect.poll(() => subscribed.length).toBe(2);
  expect(subscribed[1]).toBe(sockets[1]);
  // An unhandled rejection here fails the run.
  await bull.close();
});
