// Starts the companion's HTTP face on a free port over the fake job service, and talks to it.

import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobService } from "../../../companion/job-service.ts";
import { createLog } from "../../../companion/log.ts";
import type { NewPairing } from "../../../companion/pairing/token-store.ts";
import { ROUTES, type RouteName } from "../../../companion/protocol/api.ts";
import { type CompanionServer, type ServerOptions, startServer } from "../../../companion/server/server.ts";
import { createFakeJobService } from "./fake-job-service.ts";

/** Limits that never refuse, for tests of other things. */
export const NO_LIMITS = { pairing: { take: () => true }, unauthenticated: { take: () => true } };

export async function startTestServer(options: Partial<ServerOptions> & { service?: JobService } = {}) {
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), "impasto-server-"));
  const fake = createFakeJobService();
  const logFile = join(dataFolder, "companion.log");
  const server = await startServer({
    service: fake.service,
    log: createLog(logFile),
    ports: [0],
    limits: NO_LIMITS,
    distFolder: join(dataFolder, "dist"),
    ...options,
    dataFolder,
  }).catch((error: unknown) => {
    if (options.dataFolder === undefined) rmSync(dataFolder, { recursive: true, force: true });
    throw error;
  });
  const admin = pairWith(server, { host: "cli", name: "Admin", scope: "admin" });
  const panel = pairWith(server, { host: "figma", name: "Panel", scope: "jobs" });
  const base = `http://127.0.0.1:${server.port}`;

  return {
    server,
    fake,
    admin,
    panel,
    base,
    dataFolder,
    logFile,

    /** A request to a route of the table, with the panel's session unless told otherwise. */
    call(
      name: RouteName,
      {
        params = {},
        query = "",
        bearer = panel.session,
        headers = {},
        json,
        body,
        signal,
      }: {
        params?: Record<string, string>;
        query?: string;
        bearer?: string | null;
        headers?: Record<string, string>;
        json?: unknown;
        body?: string | Uint8Array<ArrayBuffer>;
        signal?: AbortSignal;
      } = {},
    ): Promise<Response> {
      const path = ROUTES[name].path.replace(/:(\w+)/g, (_, field: string) => params[field] ?? "");
      return fetch(base + path + query, {
        method: ROUTES[name].method,
        headers: {
          ...(bearer !== null && { Authorization: `Bearer ${bearer}` }),
          ...(json !== undefined && { "Content-Type": "application/json" }),
          ...headers,
        },
        ...(json !== undefined && { body: JSON.stringify(json) }),
        ...(body !== undefined && { body }),
        ...(signal && { signal }),
      });
    },

    /** The session that the companion gives for this token; rejects when it gives none. */
    async sessionOf(token: string): Promise<string> {
      const { method, path } = ROUTES.pairSession;
      const response = await fetch(base + path, { method, headers: { Authorization: `Bearer ${token}` } });
      if (!response.ok) throw new Error(`No session: ${response.status} ${await response.text()}`);
      return ((await response.json()) as { session: string }).session;
    },

    async stop(): Promise<void> {
      await server.close();
      if (options.dataFolder === undefined) rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

/** A new pairing, and a session of it. */
export function pairWith({ tokens, sessions }: CompanionServer, pairing: NewPairing) {
  const issued = tokens.issue(pairing);
  return { ...issued, session: sessions.open({ id: issued.id, scope: pairing.scope }) };
}

export type TestServer = Awaited<ReturnType<typeof startTestServer>>;

/**
 * Sends raw bytes (latin1) and collects what comes back until the other side closes or `timeoutMs` is over.
 * `finish` says that nothing more will be sent.
 */
export function sendRaw(port: number, bytes: string, timeoutMs = 3000, finish = false): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => {
      if (finish) socket.end(bytes, "latin1");
      else socket.write(bytes, "latin1");
    });
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(Buffer.concat(chunks).toString("latin1"));
    };
    const timer = setTimeout(done, timeoutMs);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("close", done);
    socket.on("error", done);
  });
}

/** The lines of an NDJSON reply as they come, until it ends or `signal` aborts. */
export async function* readLines(response: Response): AsyncGenerator<Record<string, unknown>> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    rest += decoder.decode(chunk, { stream: true });
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      yield JSON.parse(rest.slice(0, end)) as Record<string, unknown>;
      rest = rest.slice(end + 1);
    }
  }
}
