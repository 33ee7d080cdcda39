// Clients that drip, stall or never speak, many at once, while an honest one wants an answer.

import { connect, type Socket } from "node:net";

/** How each dripping connection begins; it then sends one byte more every half second. */
const BEGINNINGS = [
  (_port: number, _token: string) => "GET /v1/health HTTP/1.1\r\nHost: loc",
  (port: number, token: string) =>
    `POST /v1/plan HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: Bearer ${token}\r\n` +
    `Content-Type: application/json\r\nContent-Length: 500000\r\n\r\n{`,
  (port: number, token: string) =>
    `PUT /v1/blobs/${"0".repeat(64)} HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: Bearer ${token}\r\n` +
    `Content-Type: application/octet-stream\r\nContent-Length: 60000000\r\n\r\nx`,
  // Refused by the guard, and goes on sending.
  (port: number) =>
    `POST /v1/jobs HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json\r\nContent-Length: 500000\r\n\r\n{`,
  () => "",
] as const;

export interface SlowReport {
  /** Of the dripping connections, how many the server had ended, and when the last of them ended. */
  ended: number;
  lastEndMs: number;
  /** Times of an honest client's requests for health, ascending. */
  healthMs: number[];
}

/** `count` dripping connections; returns when all have ended or after `timeoutMs`. */
export async function drip(port: number, token: string, count: number, timeoutMs: number): Promise<SlowReport> {
  const startedAt = performance.now();
  let ended = 0;
  let lastEndMs = 0;
  const sockets: Socket[] = [];
  for (let index = 0; index < count; index++) {
    const beginning = (BEGINNINGS[index % BEGINNINGS.length] as (port: number, token: string) => string)(port, token);
    const socket = connect(port, "127.0.0.1");
    socket.setNoDelay();
    if (beginning !== "") socket.write(beginning, "latin1");
    const byte = setInterval(() => beginning !== "" && socket.writable && socket.write("a"), 500);
    socket.on("data", () => undefined);
    socket.on("error", () => undefined);
    socket.once("close", () => {
      clearInterval(byte);
      ended += 1;
      lastEndMs = performance.now() - startedAt;
    });
    sockets.push(socket);
    // The kernel's queue of connections that wait to be accepted holds 511.
    if (index % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const healthMs: number[] = [];
  while (ended < count && performance.now() - startedAt < timeoutMs) {
    const sentAt = performance.now();
    const reply = await fetch(`http://[::1]:${port}/v1/health`);
    await reply.arrayBuffer();
    healthMs.push(performance.now() - sentAt);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const socket of sockets) socket.destroy();
  return { ended, lastEndMs, healthMs: healthMs.sort((a, b) => a - b) };
}
