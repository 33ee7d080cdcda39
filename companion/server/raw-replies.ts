// Answers to what never became a request: bytes that are no HTTP, upgrades, tunnels. Same shape as any refusal.

import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { ErrorBody } from "../protocol/errors.ts";
import { API_REPLY } from "./headers.ts";

const BODIES: Record<number, ErrorBody> = {
  400: { code: "bad-request", message: "This is not a request the companion can read." },
  405: { code: "method-not-allowed", message: "The companion is no proxy." },
  408: { code: "bad-request", message: "The request came too slowly." },
  426: {
    code: "bad-request",
    message: "The companion speaks plain HTTP only.",
    hint: "Progress comes from GET /v1/jobs/:id/events.",
  },
  431: { code: "bad-request", message: "The request's headers are too long." },
};

/** Answers and closes. */
export function refuseConnection(socket: Duplex, status: number): void {
  const body = JSON.stringify(BODIES[status] ?? BODIES[400]);
  const headers = {
    ...API_REPLY,
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": String(Buffer.byteLength(body)),
    Connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.on("error", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("\r\n")}\r\n\r\n${body}`, () =>
    socket.destroy(),
  );
}
