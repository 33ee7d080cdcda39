// The panel's way to one companion: fetch, with time limits and a session.

import { type Client, createClient, type Incoming, type Outgoing } from "../../../companion/protocol/client.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { sendFile } from "./send-file.ts";

const TIMEOUTS_MS = { json: 15_000, bytes: 120_000 };

export interface CompanionHttp extends Client {
  readonly base: string;
}

/** What requests show to a companion that knows the panel. */
export interface Credentials {
  /** Throws "unauthorized" when the companion does not know the panel any more. */
  bearer(): Promise<string>;
  /** The companion refused this bearer: the next one is of a new session. */
  spent(bearer: string): void;
}

type Send = (headers: Record<string, string>) => Promise<Response>;

/** Without credentials only what anybody may ask. */
export function createHttp(base: string, credentials: Credentials | null): CompanionHttp {
  async function send({ method, path, headers, body, file, ...rest }: Outgoing): Promise<Incoming> {
    const limit = limitTime(rest);
    const ask: Send = (more) => {
      const options = { method, headers: { ...headers, ...more }, signal: limit.signal };
      if (file !== undefined) return sendFile(base + path, file, options);
      return fetch(base + path, { ...options, body: body as string | Uint8Array<ArrayBuffer> | null });
    };
    try {
      const response = await (credentials === null ? ask({}) : askWith(credentials, ask));
      return incoming(response, limit);
    } catch (cause) {
      limit.release();
      throw cause;
    } finally {
      if (rest.expects !== "lines") limit.release();
    }
  }
  return { base, ...createClient({ send, unreachable, speaker: "panel" }) };
}

/** Once more with a new session when the companion does not take the one it had. */
async function askWith(credentials: Credentials, ask: Send): Promise<Response> {
  const bearer = await credentials.bearer();
  const response = await ask({ Authorization: `Bearer ${bearer}` });
  if (response.status !== 401) return response;
  credentials.spent(bearer);
  return ask({ Authorization: `Bearer ${await credentials.bearer()}` });
}

interface TimeLimit {
  signal: AbortSignal;
  /** Something came: a stream's silence is counted anew. */
  restart(): void;
  release(): void;
}

/**
 * Other answers must begin within their time; a stream has no end to wait for, but must not fall silent.
 * AbortSignal.any is younger than the oldest browsers that Photopea runs in.
 */
function limitTime({
  signal,
  expects,
  timeoutMs,
  idleMs,
}: Pick<Outgoing, "signal" | "expects" | "timeoutMs" | "idleMs">) {
  const limitMs = expects === "lines" ? idleMs : (timeoutMs ?? TIMEOUTS_MS[expects]);
  const controller = new AbortController();
  const abort = () => controller.abort();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit: TimeLimit = {
    signal: controller.signal,
    restart() {
      clearTimeout(timer);
      if (limitMs !== undefined) timer = setTimeout(abort, limitMs);
    },
    release() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    },
  };
  limit.restart();
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  return limit;
}

function incoming(response: Response, limit: TimeLimit): Incoming {
  return {
    ok: response.ok,
    header: (name) => response.headers.get(name),
    json: () => response.json(),
    bytes: async () => new Uint8Array(await response.arrayBuffer()),
    async *text() {
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      const decoder = new TextDecoder();
      try {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return;
          limit.restart();
          yield decoder.decode(value, { stream: true });
        }
      } finally {
        limit.release();
        await reader.cancel().catch(() => undefined);
      }
    },
  };
}

function unreachable(cause: unknown): ImpastoError {
  return new ImpastoError("companion-unreachable", "The companion does not answer.", {
    hint: "Start it again, or continue without it.",
    cause,
  });
}
