// HTTP by hand over kept connections: sends exactly the headers it is given, also those that no client would.

import { connect, type Socket } from "node:net";

export interface RawReply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface RawRequest {
  method: string;
  path: string;
  /** In order; names may repeat. */
  headers: [string, string][];
  body?: string;
}

/** One request at a time; a new connection whenever the other side closed the last. */
export function createRawClient(port: number, host = "127.0.0.1") {
  let socket: Socket | null = null;

  function exchange(request: RawRequest): Promise<RawReply | null> {
    return new Promise((resolve) => {
      const open = socket ?? connect(port, host);
      socket = open;
      let received = Buffer.alloc(0);
      const finish = (reply: RawReply | null, keep: boolean) => {
        open.off("data", onData);
        open.off("close", onClose);
        open.off("error", onClose);
        if (!keep) {
          open.destroy();
          socket = null;
        }
        resolve(reply);
      };
      const onClose = () => finish(parseReply(received, request.method, true), false);
      const onData = (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        const reply = parseReply(received, request.method, false);
        if (reply !== null) finish(reply, reply.headers.connection !== "close");
      };
      open.on("data", onData);
      open.once("close", onClose);
      open.once("error", onClose);
      const lines = [`${request.method} ${request.path} HTTP/1.1`, ...request.headers.map(([n, v]) => `${n}: ${v}`)];
      open.write(`${lines.join("\r\n")}\r\n\r\n${request.body ?? ""}`, "latin1");
    });
  }

  return {
    /** Null when the connection closed without an answer. */
    async send(request: RawRequest): Promise<RawReply | null> {
      const kept = socket !== null;
      const reply = await exchange(request);
      // A kept connection may have been closed while it was idle.
      return reply === null && kept ? exchange(request) : reply;
    },
    close: () => socket?.destroy(),
  };
}

/** The reply once it is there whole, else null. */
function parseReply(bytes: Buffer, method: string, closed: boolean): RawReply | null {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [statusLine = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const status = Number(statusLine.split(" ")[1]);
  const body = bytes.subarray(end + 4);
  const length = method === "HEAD" || status === 204 ? 0 : Number(headers["content-length"] ?? Number.NaN);
  if (headers["transfer-encoding"] === "chunked" && method !== "HEAD") {
    return body.toString("latin1").endsWith("0\r\n\r\n") ? { status, headers, body: body.toString("utf8") } : null;
  }
  if (Number.isNaN(length) ? !closed : body.length < length) return null;
  return { status, headers, body: body.toString("utf8") };
}
