// A local stand-in for the servers that networks come from, with the faults that real ones show.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface Faults {
  /** Ignores Range and answers 200 with the whole file. */
  noRanges?: boolean;
  /** No ETag and no date, so nothing can be resumed safely. */
  noValidators?: boolean;
  /** Each answer in turn is cut after so many bytes of its body; later ones are whole. */
  cutAfter?: number[];
  /** Sends so many bytes of the body, then holds the connection open in silence. */
  stallAfter?: number;
  /** Sends the last of the body when this has come true. */
  lastWhen?: Promise<unknown>;
  /** Status codes of the first answers. */
  statuses?: number[];
  /** Bytes per tick of 20 ms, of the first `dripAnswers` answers. */
  dripBytes?: number;
  dripAnswers?: number;
  /** Answers /redirect with 302 to the file. */
  redirect?: boolean;
}

export interface Requested {
  path: string;
  range: string | undefined;
  ifRange: string | undefined;
  status: number;
  sentBytes: number;
}

export interface SourceServer {
  url: string;
  requests: Requested[];
  faults: Faults;
  body: Buffer;
  close(): Promise<void>;
}

export async function startSourceServer(body: Buffer, faults: Faults = {}): Promise<SourceServer> {
  const requests: Requested[] = [];
  const state = { body, faults, version: 1 };
  const server: Server = createServer((request, response) => {
    respond(request, response, state, requests).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get faults() {
      return state.faults;
    },
    set faults(value) {
      state.faults = value;
    },
    get body() {
      return state.body;
    },
    set body(value) {
      state.body = value;
      state.version++;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { body, faults, version }: { body: Buffer; faults: Faults; version: number },
  requests: Requested[],
): Promise<void> {
  const { range, "if-range": ifRange } = request.headers as Record<string, string | undefined>;
  const log: Requested = { path: request.url ?? "", range, ifRange, status: 200, sentBytes: 0 };
  requests.push(log);
  const answer = (status: number, headers: Record<string, string | number> = {}) => {
    log.status = status;
    response.writeHead(status, headers);
  };
  if (request.url?.startsWith("/redirect")) {
    answer(302, { location: request.url.replace("/redirect", "/file") });
    response.end();
    return;
  }
  const status = faults.statuses?.shift();
  if (status !== undefined && status !== 200) {
    answer(status, { "retry-after": "0" });
    response.end("no");
    return;
  }
  const etag = `"version-${version}"`;
  const validators: Record<string, string> = faults.noValidators ? {} : { etag, "accept-ranges": "bytes" };
  const match = /^bytes=(\d+)-(\d*)$/.exec(range ?? "");
  const partial = match !== null && faults.noRanges !== true && (ifRange === undefined || ifRange === etag);
  const begin = partial ? Number(match[1]) : 0;
  const end = partial && match[2] !== "" ? Math.min(Number(match[2]) + 1, body.length) : body.length;
  if (begin >= body.length) {
    answer(416, { "content-range": `bytes */${body.length}` });
    response.end();
    return;
  }
  const length = { "content-length": end - begin };
  if (partial) answer(206, { ...validators, ...length, "content-range": `bytes ${begin}-${end - 1}/${body.length}` });
  else answer(200, { ...validators, ...length });
  const cut = faults.stallAfter ?? faults.cutAfter?.shift();
  const part = body.subarray(begin, cut === undefined ? end : Math.min(end, begin + cut));
  const drips = faults.dripBytes !== undefined && (faults.dripAnswers ?? Number.POSITIVE_INFINITY) > 0;
  if (drips) faults.dripAnswers = (faults.dripAnswers ?? Number.POSITIVE_INFINITY) - 1;
  const step = drips ? (faults.dripBytes as number) : 1 << 18;
  for (let at = 0; at < part.length && !response.destroyed; at += step) {
    const chunk = part.subarray(at, at + step);
    if (at + step >= part.length) await faults.lastWhen;
    log.sentBytes += chunk.length;
    if (!response.write(chunk)) await drained(response);
    if (drips) await sleep(20);
  }
  if (faults.stallAfter !== undefined) return;
  if (part.length < end - begin) response.destroy();
  else response.end();
}

/** Resolves when more may be written, or when nobody listens any more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}
