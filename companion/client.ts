// Finds a running companion for the command line and talks to it. The token is sent only to a server
// that has proved that it issued it, so a program that squats on the port learns nothing.

import { randomBytes } from "node:crypto";
import { fetchLoopback } from "./loopback.ts";
import { sameHex, tokenProof, tokenProofKey } from "./pairing/keys.ts";
import { ROUTES, type RouteName } from "./protocol/api.ts";
import { ImpastoError, parseErrorBody } from "./protocol/errors.ts";
import { NONCE_BYTES, parseToken } from "./protocol/pairing.ts";
import type { Health } from "./protocol/pairing-messages.ts";
import { readRuntimeFile } from "./runtime-file.ts";

const PROBE_TIMEOUT_MS = 1500;

/** A companion that belongs to this data folder. */
export interface CompanionClient {
  port: number;
  /** Sends the request; resolves with the reply when it was a success and throws its ImpastoError when not. */
  request(name: RouteName, options?: RequestOptions): Promise<Response>;
}

export interface RequestOptions {
  params?: Record<string, string>;
  query?: Record<string, string>;
  json?: unknown;
  bytes?: Uint8Array;
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** What answers on the port, if it says it is an Impasto; null for silence and for anything else. */
export async function probe(port: number): Promise<Health | null> {
  try {
    const response = await fetchLoopback(`http://127.0.0.1:${port}/v1/health`, {
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    const health = (await response.json()) as Partial<Health> | null;
    return health?.product === "impasto" ? (health as Health) : null;
  } catch {
    return null;
  }
}

/** The companion whose runtime file is at `runtimeFile`, or null when none runs. */
export async function findCompanion(runtimeFile: string): Promise<CompanionClient | null> {
  const runtime = readRuntimeFile(runtimeFile);
  if (runtime === null) return null;
  const base = `http://127.0.0.1:${runtime.port}`;
  if (!(await proves(base, runtime.port, runtime.instance, runtime.token))) return null;
  return {
    port: runtime.port,
    async request(name, options = {}) {
      const { json, bytes, idempotencyKey, signal } = options;
      const headers: Record<string, string> = { Authorization: `Bearer ${runtime.token}` };
      if (json !== undefined) headers["Content-Type"] = "application/json";
      if (bytes !== undefined) headers["Content-Type"] = "application/octet-stream";
      if (idempotencyKey !== undefined) headers["Idempotency-Key"] = idempotencyKey;
      const response = await fetchLoopback(base + addressOf(name, options), {
        method: ROUTES[name].method,
        headers,
        ...(json !== undefined && { body: JSON.stringify(json) }),
        ...(bytes !== undefined && { body: bytes }),
        ...(signal && { signal }),
      }).catch((cause) => {
        throw companionGone(cause);
      });
      if (!response.ok) throw await errorOf(response);
      return response;
    },
  };
}

/** Of a connection or a reply that broke off. */
export function companionGone(cause: unknown): ImpastoError {
  return new ImpastoError("companion-unreachable", "The companion stopped answering.", {
    hint: "Start it again with `impasto serve`; what it had in work goes on then.",
    cause,
  });
}

async function proves(base: string, port: number, instance: string, token: string): Promise<boolean> {
  const parts = parseToken(token);
  if (parts === null) return false;
  const nonce = randomBytes(NONCE_BYTES).toString("hex");
  try {
    const response = await fetchLoopback(`${base}${ROUTES.pairProof.path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ id: parts.id, nonce }),
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    const { proof } = (await response.json()) as { proof?: unknown };
    return typeof proof === "string" && sameHex(proof, tokenProof(tokenProofKey(parts.secret), nonce, port, instance));
  } catch {
    return false;
  }
}

function addressOf(name: RouteName, { params = {}, query }: RequestOptions): string {
  const path = ROUTES[name].path.replace(/:(\w+)/g, (_, field: string) => encodeURIComponent(params[field] ?? ""));
  return query === undefined ? path : `${path}?${new URLSearchParams(query)}`;
}

async function errorOf(response: Response): Promise<ImpastoError> {
  const body = parseErrorBody(await response.json().catch(() => null));
  if (body !== null) return ImpastoError.fromBody(body);
  return new ImpastoError("internal", `The companion answered with status ${response.status}.`);
}
