// Requests to one companion: typed by the list of routes, answers checked against its schemas on arrival.

import type { Static, TSchema } from "typebox";
import { Check } from "typebox/value";
import { ROUTES, type Route, type RouteName } from "../../../companion/protocol/api.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { ErrorSchema } from "../../../companion/protocol/schemas.ts";

/** For everything but pictures and streams. */
const TIMEOUT_MS = 15_000;

type JsonRoutes = {
  [N in RouteName]: (typeof ROUTES)[N]["reply"] extends { json: TSchema } ? N : never;
}[RouteName];
type NdjsonRoutes = {
  [N in RouteName]: (typeof ROUTES)[N]["reply"] extends { ndjson: TSchema } ? N : never;
}[RouteName];
type Json<N extends JsonRoutes> = (typeof ROUTES)[N]["reply"] extends { json: infer S extends TSchema }
  ? Static<S>
  : never;
export type Line<N extends NdjsonRoutes> = (typeof ROUTES)[N]["reply"] extends { ndjson: infer S extends TSchema }
  ? Static<S>
  : never;

export interface Ask {
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: object | Uint8Array;
  idempotencyKey?: string;
  signal?: AbortSignal;
  timeoutMs?: number;
}

export interface CompanionHttp {
  readonly base: string;
  json<N extends JsonRoutes>(route: N, ask?: Ask): Promise<Json<N>>;
  /** For routes without an answer, and where only success matters. */
  send(route: RouteName, ask?: Ask): Promise<void>;
  picture(route: RouteName, ask?: Ask): Promise<Uint8Array>;
  /** Lines as they come; ends when the companion ends the stream, throws "companion-unreachable" when it breaks off. */
  lines<N extends NdjsonRoutes>(route: N, ask: Ask & { idleMs: number }): AsyncGenerator<Line<N> | Heartbeat>;
}

/** What requests show to a companion that knows the panel. */
export interface Session {
  /** Throws "unauthorized" when the companion does not know the panel any more. */
  bearer(): Promise<string>;
  /** The companion refused this bearer: the next one is of a new session. */
  spent(bearer: string): void;
}

export type Heartbeat = { type: "heartbeat" };

/** Without a session only what anybody may ask. */
export function createHttp(base: string, session: Session | null): CompanionHttp {
  async function request(name: RouteName, ask: Ask, timeoutMs: number): Promise<Response> {
    const route: Route = ROUTES[name];
    const headers: Record<string, string> = {};
    if (ask.idempotencyKey !== undefined) headers["Idempotency-Key"] = ask.idempotencyKey;
    const bytes = ask.body instanceof Uint8Array;
    if (ask.body !== undefined) headers["Content-Type"] = bytes ? "application/octet-stream" : "application/json";
    const body =
      ask.body === undefined ? null : bytes ? (ask.body as Uint8Array<ArrayBuffer>) : JSON.stringify(ask.body);
    const { signal, release } = limitTime(ask.signal, timeoutMs);
    try {
      const send = (more: Record<string, string>) =>
        fetch(base + address(route.path, ask), {
          method: route.method,
          headers: { ...headers, ...more },
          body,
          signal,
        });
      const response = await (session === null ? send({}) : sendWith(session, send));
      if (!response.ok) throw await refusal(response);
      return response;
    } catch (cause) {
      if (cause instanceof ImpastoError) throw cause;
      if (ask.signal?.aborted) throw new ImpastoError("cancelled", "Cancelled.", { cause });
      throw unreachable(cause);
    } finally {
      release();
    }
  }

  return {
    base,

    async json(name, ask = {}) {
      const response = await request(name, ask, ask.timeoutMs ?? TIMEOUT_MS);
      const { reply } = ROUTES[name] as Route & { reply: { json: TSchema } };
      return checked(reply.json, await response.json().catch(() => undefined)) as never;
    },

    async send(name, ask = {}) {
      await request(name, ask, ask.timeoutMs ?? TIMEOUT_MS);
    },

    async picture(name, ask = {}) {
      const response = await request(name, ask, ask.timeoutMs ?? 120_000);
      try {
        return new Uint8Array(await response.arrayBuffer());
      } catch (cause) {
        throw unreachable(cause);
      }
    },

    async *lines(name, ask) {
      const watchdog = new AbortController();
      const stop = () => watchdog.abort();
      ask.signal?.addEventListener("abort", stop);
      let timer = setTimeout(stop, ask.idleMs);
      const { reply } = ROUTES[name] as Route & { reply: { ndjson: TSchema } };
      try {
        const response = await request(name, { ...ask, signal: watchdog.signal }, 0);
        for await (const line of splitLines(response)) {
          clearTimeout(timer);
          timer = setTimeout(stop, ask.idleMs);
          const value: unknown = JSON.parse(line);
          yield isHeartbeat(value) ? value : (checked(reply.ndjson, value) as never);
        }
      } catch (cause) {
        if (ask.signal?.aborted) throw new ImpastoError("cancelled", "Cancelled.", { cause });
        if (cause instanceof ImpastoError && cause.code !== "cancelled") throw cause;
        throw unreachable(cause);
      } finally {
        clearTimeout(timer);
        ask.signal?.removeEventListener("abort", stop);
        watchdog.abort();
      }
    },
  };
}

/** Once more with a new session when the companion does not take the one it had. */
async function sendWith(
  session: Session,
  send: (headers: { Authorization: string }) => Promise<Response>,
): Promise<Response> {
  const bearer = await session.bearer();
  const response = await send({ Authorization: `Bearer ${bearer}` });
  if (response.status !== 401) return response;
  session.spent(bearer);
  return send({ Authorization: `Bearer ${await session.bearer()}` });
}

function address(path: string, { params = {}, query = {} }: Ask): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const search = new URLSearchParams(query).toString();
  return search === "" ? filled : `${filled}?${search}`;
}

/** Until the headers are there; AbortSignal.any is younger than the oldest browsers that Photopea runs in. */
function limitTime(signal: AbortSignal | undefined, timeoutMs: number) {
  // A stream has no end to wait for, and its body must stop with the caller's signal.
  if (timeoutMs === 0) return { signal: signal ?? null, release: () => undefined };
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, timeoutMs);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  const release = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  };
  return { signal: controller.signal, release };
}

async function refusal(response: Response): Promise<ImpastoError> {
  const body: unknown = await response.json().catch(() => undefined);
  if (!Check(ErrorSchema, body)) return notUnderstood();
  return ImpastoError.fromBody(body);
}

function checked(schema: TSchema, value: unknown): unknown {
  if (!Check(schema, value)) throw notUnderstood();
  return value;
}

export function isHeartbeat(value: unknown): value is Heartbeat {
  return typeof value === "object" && value !== null && "type" in value && value.type === "heartbeat";
}

function notUnderstood(): ImpastoError {
  return new ImpastoError("version-mismatch", "The companion answered in a way that this panel does not understand.", {
    hint: "Update both, then try again.",
  });
}

function unreachable(cause: unknown): ImpastoError {
  return new ImpastoError("companion-unreachable", "The companion does not answer.", {
    hint: "Start it again, or continue without it.",
    cause,
  });
}

async function* splitLines(response: Response): AsyncGenerator<string> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) if (line.trim() !== "") yield line;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
