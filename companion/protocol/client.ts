// Requests to one companion, typed by the list of routes, answers checked against its schemas on arrival: the one
// client of the panel and of the command line. How bytes travel is the transport's, which each of the two brings.

import type { Static, TSchema } from "typebox";
import { Check } from "typebox/value";
import { ROUTES, type Route, type RouteName } from "./api.ts";
import { ImpastoError, parseErrorBody } from "./errors.ts";
import { NOTES_HEADER, readNotes } from "./notes-header.ts";

type JsonRoutes = {
  [N in RouteName]: (typeof ROUTES)[N]["reply"] extends { json: TSchema } ? N : never;
}[RouteName];
type NdjsonRoutes = {
  [N in RouteName]: (typeof ROUTES)[N]["reply"] extends { ndjson: TSchema } ? N : never;
}[RouteName];
/** Looked up by name, of which the compiler computes the one that is asked for; as a conditional type it computes all. */
type JsonReplies = {
  [N in JsonRoutes]: (typeof ROUTES)[N]["reply"] extends { json: infer S extends TSchema } ? Static<S> : never;
};
type Lines = {
  [N in NdjsonRoutes]: (typeof ROUTES)[N]["reply"] extends { ndjson: infer S extends TSchema } ? Static<S> : never;
};
export type Line<N extends NdjsonRoutes> = Lines[N];
export type Heartbeat = { type: "heartbeat" };

export interface Ask {
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: object | Uint8Array;
  /** Instead of a body, where the transport knows files. */
  file?: FileToSend;
  idempotencyKey?: string;
  signal?: AbortSignal;
  /** Until the answer begins; the transport's own where not given. */
  timeoutMs?: number;
}

/** Bytes that are never in memory as a whole. */
export interface FileToSend {
  /** What the transport takes for a file: a browser's File. */
  content: object;
  /** How much of it is on its way, 0 … 1. */
  onSent(fraction: number): void;
}

/** Errors: the companion's own, "cancelled" when the signal aborted, else the transport's. */
export interface Client {
  json<N extends JsonRoutes>(route: N, ask?: Ask): Promise<JsonReplies[N]>;
  /** For routes without an answer, and where only success matters. */
  send(route: RouteName, ask?: Ask): Promise<void>;
  picture(route: RouteName, ask?: Ask): Promise<Uint8Array>;
  /** With what a person should know of it. */
  notedPicture(route: RouteName, ask?: Ask): Promise<NotedPicture>;
  /** Lines as they come; ends when the companion ends the stream. */
  lines<N extends NdjsonRoutes>(route: N, ask: StreamAsk): AsyncGenerator<Line<N> | Heartbeat>;
}

export interface NotedPicture {
  bytes: Uint8Array;
  /** Each follows the picture's name. */
  notes: readonly string[];
}

export interface StreamAsk extends Ask {
  /** Silence that is taken for a broken stream; without it one is waited for as long as it lasts. */
  idleMs?: number;
}

export interface Outgoing {
  method: Route["method"];
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  body: string | Uint8Array | null;
  /** Then there is no body. */
  file?: FileToSend | undefined;
  /** json: small and soon; bytes: a picture; lines: a stream that may last for hours. */
  expects: "json" | "bytes" | "lines";
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
  idleMs?: number | undefined;
}

export interface Incoming {
  ok: boolean;
  header(name: string): string | null;
  json(): Promise<unknown>;
  bytes(): Promise<Uint8Array>;
  /** As it comes; leaving the loop ends the stream. */
  text(): AsyncIterable<string>;
}

export interface Transport {
  send(request: Outgoing): Promise<Incoming>;
  /** The error for what send() or a body threw. */
  unreachable(cause: unknown): ImpastoError;
  /** Who talks to the companion, e.g. "panel". */
  speaker: string;
}

export function createClient(transport: Transport): Client {
  async function request(name: RouteName, ask: StreamAsk, expects: Outgoing["expects"]): Promise<Incoming> {
    const { method, path }: Route = ROUTES[name];
    const { body = null, file, idempotencyKey, signal, timeoutMs, idleMs } = ask;
    const isBytes = body instanceof Uint8Array;
    const headers: Record<string, string> = {};
    if (idempotencyKey !== undefined) headers["Idempotency-Key"] = idempotencyKey;
    if (isBytes || file !== undefined) headers["Content-Type"] = "application/octet-stream";
    else if (body !== null) headers["Content-Type"] = "application/json";
    const sent = body === null || isBytes ? body : JSON.stringify(body);
    const reply = await transport.send({
      ...{ method, path: address(path, ask), headers, body: sent, expects },
      ...{ file, signal, timeoutMs, idleMs },
    });
    if (reply.ok) return reply;
    const refusal = parseErrorBody(await reply.json().catch(() => null));
    throw refusal === null ? notUnderstood() : ImpastoError.fromBody(refusal);
  }

  /** Whatever breaks off on the way. */
  function broken(cause: unknown, signal: AbortSignal | undefined): ImpastoError {
    if (signal?.aborted) return new ImpastoError("cancelled", "Cancelled.", { cause });
    return cause instanceof ImpastoError ? cause : transport.unreachable(cause);
  }

  async function guarded<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw cause instanceof ImpastoError ? cause : broken(cause, signal);
    }
  }

  function checked(schema: TSchema, value: unknown): unknown {
    if (Check(schema, value)) return value;
    throw notUnderstood();
  }

  function notUnderstood(): ImpastoError {
    const { speaker } = transport;
    return new ImpastoError(
      "version-mismatch",
      `The companion answered in a way that this ${speaker} does not understand.`,
      { hint: "Update both, then try again." },
    );
  }

  return {
    json: (name, ask = {}) =>
      guarded(ask.signal, async () => {
        const reply = await request(name, ask, "json");
        const route = ROUTES[name] as Route & { reply: { json: TSchema } };
        return checked(route.reply.json, await reply.json().catch(() => undefined)) as never;
      }),

    send: (name, ask = {}) =>
      guarded(ask.signal, async () => {
        await request(name, ask, "json");
      }),

    picture: (name, ask = {}) => guarded(ask.signal, async () => (await request(name, ask, "bytes")).bytes()),

    notedPicture: (name, ask = {}) =>
      guarded(ask.signal, async () => {
        const reply = await request(name, ask, "bytes");
        return { bytes: await reply.bytes(), notes: readNotes(reply.header(NOTES_HEADER)) };
      }),

    async *lines(name, ask) {
      const route = ROUTES[name] as Route & { reply: { ndjson: TSchema } };
      try {
        const reply = await request(name, ask, "lines");
        let rest = "";
        for await (const text of reply.text()) {
          const parts = (rest + text).split("\n");
          rest = parts.pop() ?? "";
          for (const part of parts) {
            if (part.trim() === "") continue;
            const value: unknown = JSON.parse(part);
            yield isHeartbeat(value) ? value : (checked(route.reply.ndjson, value) as never);
          }
        }
      } catch (cause) {
        throw broken(cause, ask.signal);
      }
    },
  };
}

export function isHeartbeat(value: unknown): value is Heartbeat {
  return typeof value === "object" && value !== null && "type" in value && value.type === "heartbeat";
}

function address(path: string, { params = {}, query = {} }: Ask): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const search = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return search.length === 0 ? filled : `${filled}?${search.join("&")}`;
}
