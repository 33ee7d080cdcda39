// A worker's way to its companion: requests typed by the list of routes, under a session that is had for the worker's
// token. The token is sent only to a companion that has proved that it issued it.

import { randomBytes } from "node:crypto";
import { Agent, type IncomingMessage, request } from "node:http";
import { request as requestSecurely, Agent as SecureAgent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { sameHex, tokenProof, tokenProofKey } from "../pairing/keys.ts";
import { type Client, createClient, type Incoming, type Outgoing } from "../protocol/client.ts";
import { ImpastoError, isPassing } from "../protocol/errors.ts";
import { NONCE_BYTES, parseToken } from "../protocol/pairing.ts";

/** A companion that says nothing for so long in the middle of an answer is gone. */
const SILENCE_MS = 30_000;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 3_000;

export interface LinkOptions {
  /** http://host:47820 */
  address: URL;
  token: string;
}

export interface Link extends Client {
  /** The companion's id. */
  readonly instance: string;
  /** Repeats `work` until the companion answers, whatever the answer; throws "cancelled" when the signal aborts. */
  patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  close(): void;
}

/** Throws ImpastoError: "companion-unreachable", "unauthorized", "bad-request" for what is no token. */
export async function openLink({ address, token }: LinkOptions): Promise<Link> {
  const parts = parseToken(token);
  if (parts === null) {
    throw new ImpastoError("bad-request", "That is no worker's token.", {
      hint: "`impasto pair worker` on the companion's machine prints one.",
    });
  }
  const { id, secret } = parts;
  const { carry, port, close } = openCarrier(address);
  const unreachable = (cause: unknown) =>
    new ImpastoError("companion-unreachable", `No companion answers at ${address.origin}.`, {
      hint: "Start it with `impasto serve --queue … --host …`, and give this worker its address with --companion.",
      cause,
    });

  const open = createClient({ send: (out) => carry(out, null), unreachable, speaker: "worker" });
  const withToken = createClient({ send: (out) => carry(out, token), unreachable, speaker: "worker" });
  const { instance } = await open.json("health");
  let session: Promise<string> | null = null;

  async function openSession(): Promise<string> {
    const nonce = randomBytes(NONCE_BYTES).toString("hex");
    const { proof } = await open.json("pairProof", { body: { id, nonce } });
    if (!sameHex(proof, tokenProof(tokenProofKey(secret), nonce, port, instance))) {
      throw new ImpastoError("unauthorized", `The companion at ${address.origin} does not know this worker's token.`, {
        hint: "`impasto pair worker` on its machine prints a new one.",
      });
    }
    return (await withToken.json("pairSession")).session;
  }

  async function send(out: Outgoing): Promise<Answer> {
    for (let isFirst = true; ; isFirst = false) {
      session ??= openSession();
      const used = session;
      const bearer = await used.catch((error: unknown) => {
        if (session === used) session = null;
        throw error;
      });
      const reply = await carry(out, bearer);
      if (reply.status !== 401 || !isFirst) return reply;
      // Sessions end with the companion's process.
      await reply.bytes();
      if (session === used) session = null;
    }
  }

  return {
    instance,
    ...createClient({ send, unreachable, speaker: "worker" }),
    async patiently(work, signal) {
      for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(2 * waitMs, RETRY_MAX_MS)) {
        try {
          return await work();
        } catch (error) {
          if (!isPassing(error, "disk-full")) throw error;
          await sleep(waitMs, undefined, { signal }).catch((cause: unknown) => {
            throw new ImpastoError("cancelled", "The worker is ending.", { cause });
          });
        }
      }
    },
    close,
  };
}

type Answer = Incoming & { status: number };

/** Requests over connections that are kept. */
function openCarrier(address: URL) {
  const isSecure = address.protocol === "https:";
  const agent = isSecure ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const send = isSecure ? requestSecurely : request;
  return {
    port: Number(address.port || (isSecure ? 443 : 80)),
    carry({ method, path, headers, body, signal }: Outgoing, bearer: string | null): Promise<Answer> {
      return new Promise((resolve, reject) => {
        const sent = send(new URL(path, address), {
          agent,
          method,
          headers: { ...headers, ...(bearer !== null && { Authorization: `Bearer ${bearer}` }) },
          timeout: SILENCE_MS,
          ...(signal && { signal }),
        });
        sent.on("timeout", () => sent.destroy(new Error("The companion fell silent.")));
        sent.on("error", reject);
        sent.on("response", (message) => resolve(incoming(message)));
        if (body === null) sent.end();
        else sent.end(body);
      });
    },
    close: () => agent.destroy(),
  };
}

function incoming(message: IncomingMessage): Answer {
  const status = message.statusCode ?? 0;
  async function bytes(): Promise<Uint8Array> {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }
  // What nobody reads must not keep the connection.
  if (status === 204) message.resume();
  return {
    status,
    ok: status >= 200 && status < 300,
    header: (name) => [message.headers[name.toLowerCase()] ?? null].flat()[0] ?? null,
    bytes,
    json: async () => JSON.parse(Buffer.from(await bytes()).toString("utf8")) as unknown,
    async *text() {
      for await (const chunk of message) yield (chunk as Buffer).toString("utf8");
    },
  };
}
