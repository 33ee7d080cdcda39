// Finds a running companion for the command line and talks to it. The token is sent only to a server
// that has proved that it issued it, so a program that squats on the port learns nothing.

import { randomBytes } from "node:crypto";
import { fetchLoopback } from "./loopback.ts";
import { sameHex, tokenProof, tokenProofKey } from "./pairing/keys.ts";
import { ROUTES } from "./protocol/api.ts";
import { type Client, createClient, type Incoming, type Outgoing } from "./protocol/client.ts";
import { ImpastoError } from "./protocol/errors.ts";
import { NONCE_BYTES, parseToken } from "./protocol/pairing.ts";
import type { Health } from "./protocol/pairing-messages.ts";
import { readRuntimeFile } from "./runtime-file.ts";

const PROBE_TIMEOUT_MS = 1500;
/** Where nobody listens the connection is refused at once; a companion on a machine that paints may be slow to answer. */
const PROOF_TIMEOUT_MS = 20_000;

/** A companion that belongs to this data folder. */
export interface CompanionClient extends Client {
  port: number;
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
  const send = async ({ method, path, headers, body, signal }: Outgoing): Promise<Incoming> =>
    incoming(
      await fetchLoopback(base + path, {
        method,
        headers: { ...headers, Authorization: `Bearer ${runtime.token}` },
        ...(body !== null && { body }),
        ...(signal && { signal }),
      }),
    );
  return { port: runtime.port, ...createClient({ send, unreachable: companionGone, speaker: "program" }) };
}

function incoming(response: Response): Incoming {
  return {
    ok: response.ok,
    header: (name) => response.headers.get(name),
    json: () => response.json(),
    bytes: async () => new Uint8Array(await response.arrayBuffer()),
    async *text() {
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) yield decoder.decode(chunk as Uint8Array, { stream: true });
    },
  };
}

/** Of a connection or a reply that broke off. */
function companionGone(cause: unknown): ImpastoError {
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
      signal: AbortSignal.timeout(PROOF_TIMEOUT_MS),
    });
    const { proof } = (await response.json()) as { proof?: unknown };
    return typeof proof === "string" && sameHex(proof, tokenProof(tokenProofKey(parts.secret), nonce, port, instance));
  } catch {
    return false;
  }
}
