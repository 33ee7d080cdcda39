// One HTTP GET with an optional byte range: redirects followed, the environment's proxy honored, and every way of
// failing sorted into "another attempt may help" (TransientError) and "it will not" (ImpastoError).

import { EnvHttpProxyAgent, fetch, type Response } from "undici";
import { ImpastoError } from "../protocol/errors.ts";
import { type Patience, TransientError } from "./patience.ts";

export interface Transport {
  patience: Patience;
  signal?: AbortSignal | undefined;
  dispatcher: EnvHttpProxyAgent;
}

export interface ByteRange {
  begin: number;
  /** Exclusive; open when absent. */
  end?: number;
}

export interface Opened {
  /** What came back: the range asked for, or the whole file. */
  kind: "range" | "whole";
  /** Offset of the body's first byte in the file. */
  begin: number;
  /** Length of the whole file, when the server says. */
  totalBytes: number | null;
  /** A strong ETag, or the date of the last change: fit for If-Range. */
  validator: string | null;
  /** Throws TransientError when the connection breaks or becomes too slow. May be left early. */
  body: AsyncIterable<Uint8Array>;
}

/** A proxy would take these for itself. */
const THIS_MACHINE = ["localhost", "127.0.0.1", "[::1]"];

/** Reads HTTPS_PROXY, HTTP_PROXY and NO_PROXY, and never asks a proxy for this machine itself. The caller destroys it. */
export function createDispatcher(patience: Patience): EnvHttpProxyAgent {
  const timeout = patience.stallMs;
  const chosen = process.env.no_proxy ?? process.env.NO_PROXY ?? "";
  const noProxy = chosen === "*" ? chosen : [chosen, ...THIS_MACHINE].join();
  return new EnvHttpProxyAgent({ noProxy, headersTimeout: timeout, bodyTimeout: timeout, connect: { timeout } });
}

/** Throws TransientError, or ImpastoError("download-failed") for addresses that will not answer otherwise. */
export async function openUrl(
  url: string,
  transport: Transport,
  range?: ByteRange,
  ifRange?: string | null,
): Promise<Opened> {
  const headers: Record<string, string> = { "accept-encoding": "identity", "user-agent": "impasto" };
  if (range !== undefined) headers.range = `bytes=${range.begin}-${range.end === undefined ? "" : range.end - 1}`;
  if (range !== undefined && ifRange) headers["if-range"] = ifRange;
  const watchdog = new AbortController();
  const signal = transport.signal ? AbortSignal.any([transport.signal, watchdog.signal]) : watchdog.signal;
  let response: Response;
  try {
    response = await fetch(url, { headers, signal, dispatcher: transport.dispatcher, redirect: "follow" });
  } catch (cause) {
    throw new TransientError(describeNetworkError(cause, url), { cause, unreachable: true });
  }
  try {
    checkStatus(response, url);
    const part = parseContentRange(response);
    const length = response.headers.get("content-length");
    return {
      kind: part === null ? "whole" : "range",
      begin: part?.begin ?? 0,
      totalBytes: part === null ? (length === null ? null : Number(length)) : part.total,
      validator: readValidator(response),
      body: readBody(response, url, transport, watchdog),
    };
  } catch (error) {
    watchdog.abort();
    throw error;
  }
}

function checkStatus(response: Response, url: string): void {
  const { status } = response;
  if (url.startsWith("https:") && !response.url.startsWith("https:")) {
    throw new ImpastoError("download-failed", `${host(url)} redirects to an address without encryption.`, {
      hint: "Give another address with --from.",
    });
  }
  if (status === 200 || status === 206) return;
  const said = `${host(url)} answered ${status}${response.statusText ? ` ${response.statusText}` : ""}`;
  if (status === 408 || status === 416 || status === 429 || status >= 500) {
    throw new TransientError(said, { retryAfterMs: parseRetryAfter(response.headers.get("retry-after")) });
  }
  throw new ImpastoError("download-failed", `${said} for ${url}.`, {
    hint: "The file may have moved. Give another address or a file with --from URL|PATH.",
  });
}

function parseRetryAfter(value: string | null): number {
  if (value === null) return 0;
  const seconds = Number(value);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return waitMs > 0 ? waitMs : 0;
}

function parseContentRange(response: Response): { begin: number; total: number | null } | null {
  if (response.status !== 206) return null;
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
  if (match === null) throw new TransientError("the server answered with a range that it does not name");
  return { begin: Number(match[1]), total: match[3] === "*" ? null : Number(match[3]) };
}

function readValidator(response: Response): string | null {
  const etag = response.headers.get("etag");
  if (etag !== null && !etag.startsWith("W/")) return etag;
  return response.headers.get("last-modified");
}

/** Drops the connection when a window of stallMs brought too little: no bytes at all, or a drip. */
async function* readBody(
  response: Response,
  url: string,
  transport: Transport,
  watchdog: AbortController,
): AsyncGenerator<Uint8Array> {
  const { stallMs, minBytesPerSecond } = transport.patience;
  let windowBytes = 0;
  const timer = setInterval(() => {
    if (windowBytes < (minBytesPerSecond * stallMs) / 1000) watchdog.abort();
    windowBytes = 0;
  }, stallMs);
  let complete = false;
  try {
    if (response.body === null) return;
    for await (const chunk of response.body) {
      windowBytes += chunk.byteLength;
      yield chunk;
      // Time that the consumer took (a slow disk) is not the server's fault, but a window is long enough for both.
    }
    complete = true;
  } catch (cause) {
    const reason = watchdog.signal.aborted ? `${host(url)} sends too slowly` : describeNetworkError(cause, url);
    throw new TransientError(reason, { cause });
  } finally {
    clearInterval(timer);
    if (!complete) watchdog.abort();
  }
}

function host(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

const NETWORK_ERRORS: Readonly<Record<string, string>> = {
  ENOTFOUND: "its name is not known here, so there may be no network",
  EAI_AGAIN: "its name cannot be looked up, so there may be no network",
  ECONNREFUSED: "it refuses the connection",
  ENETUNREACH: "there is no network",
  EHOSTUNREACH: "it cannot be reached",
  ECONNRESET: "the connection broke",
  UND_ERR_SOCKET: "the connection broke",
  UND_ERR_CONNECT_TIMEOUT: "it does not answer",
  UND_ERR_HEADERS_TIMEOUT: "it does not answer",
  UND_ERR_BODY_TIMEOUT: "it stopped sending",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the connection broke",
};

function describeNetworkError(error: unknown, url: string): string {
  let detail = "";
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const code = (at as NodeJS.ErrnoException).code;
    if (code !== undefined && NETWORK_ERRORS[code] !== undefined) return `${host(url)}: ${NETWORK_ERRORS[code]}`;
    detail = at.message;
  }
  return `${host(url)}: ${detail || "the connection broke"}`;
}
