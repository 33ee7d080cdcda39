// The companion's HTTP face as a whole: trust, app, port, runtime file. The job service is given.

import { join } from "node:path";
import type { JobService } from "../job-service.ts";
import type { Log } from "../log.ts";
import { packageRoot } from "../package-root.ts";
import { createPairingWindow, type PairingWindow, type WindowEvent } from "../pairing/pairing-window.ts";
import { rateLimit } from "../pairing/rate-limit.ts";
import { createSessions, type Sessions } from "../pairing/sessions.ts";
import { createTickets } from "../pairing/tickets.ts";
import { openTokenStore, type TokenStore } from "../pairing/token-store.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { HEARTBEAT_MS } from "../protocol/limits.ts";
import { PORTS } from "../protocol/ports.ts";
import { removeRuntimeFile, writeRuntimeFile } from "../runtime-file.ts";
import { dataPaths } from "../storage/data-folder.ts";
import type { WorkDesk } from "../work-desk.ts";
import { createApp } from "./app.ts";
import type { ServerContext } from "./context.ts";
import { ownHostHeaders } from "./headers.ts";
import { listen } from "./listen.ts";
import { createOpenReplies } from "./open-replies.ts";
import { createPresence } from "./presence.ts";

export interface ServerOptions {
  service: JobService;
  /** Where workers on other machines come to. */
  desk?: WorkDesk | null;
  log: Log;
  /** 0700; holds the list of pairings and the runtime file. */
  dataFolder: string;
  /** Tried in this order; the protocol's three unless a test asks for others. */
  ports?: readonly number[];
  /** Also listen on this address of the machine, for other machines. */
  lanHost?: string;
  /** Where the built pages are. */
  distFolder?: string;
  heartbeatMs?: number;
  limits?: ServerContext["limits"];
  /** Milliseconds, monotonic; for the pairing window, tickets and sessions. */
  now?: () => number;
  onPairing?: (event: WindowEvent) => void;
}

export interface CompanionServer {
  port: number;
  /** Ports that it would have taken before this one. */
  takenPorts: number[];
  /** http://localhost:PORT */
  address: string;
  tokens: TokenStore;
  sessions: Sessions;
  window: PairingWindow;
  /** The page's address with a fresh one-time ticket. */
  pageAddress(): string;
  /** Takes no new requests, ends streams, removes the runtime file. The job service stays open. */
  close(): Promise<void>;
}

/** What streams under a revoked token is cut off so soon; the reply to a panel that revokes itself gets through. */
const CUT_AFTER_MS = 200;

/** "port-taken" when every port is in use; errors of the data folder as openTokenStore. */
export async function startServer(options: ServerOptions): Promise<CompanionServer> {
  const { service, log, dataFolder, ports = PORTS, now } = options;
  const paths = dataPaths(dataFolder);
  const tokens = openTokenStore(paths.pairings);
  const window = createPairingWindow({
    tokens,
    ...(now && { now }),
    ...(options.onPairing && { onEvent: options.onPairing }),
  });
  const tickets = createTickets(tokens, now);
  const sessions = createSessions(tokens, now);
  const openReplies = createOpenReplies();
  tokens.onRevoked((id) => {
    log.info({ pairing: id }, "revoked");
    setTimeout(() => openReplies.cut(id), CUT_AFTER_MS);
  });
  const context: ServerContext = {
    service,
    desk: options.desk ?? null,
    tokens,
    window,
    tickets,
    sessions,
    log,
    address: { port: 0, hostHeaders: new Set() },
    limits: options.limits ?? { pairing: rateLimit(6, 1), unauthenticated: rateLimit(20, 10) },
    heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS,
    openReplies,
    presence: createPresence(service),
  };
  const app = await createApp(context, options.distFolder ?? join(packageRoot(), "dist"));
  const listening = await listen(app.routing, { ports, ...(options.lanHost && { lanHost: options.lanHost }) });
  if (listening === null) {
    throw new ImpastoError("port-taken", `The ports ${ports.join(", ")} are all in use by other programs.`, {
      hint: "Close one of those programs; the plugin can reach no other ports.",
    });
  }
  const { port } = listening;
  context.address = { port, hostHeaders: ownHostHeaders(port, options.lanHost) };
  const { token } = tokens.issueForThisRun({ host: "cli", name: "Command line", scope: "admin" });
  const { instance } = tokens;
  try {
    writeRuntimeFile(paths.runtimeFile, { port, pid: process.pid, instance, token, startedAt: Date.now() });
  } catch (error) {
    await listening.close();
    throw error;
  }
  log.info({ port, lan: options.lanHost !== undefined }, "listening");

  const address = `http://localhost:${port}`;
  return {
    port,
    takenPorts: listening.taken,
    address,
    tokens,
    sessions,
    window,
    pageAddress: () => `${address}/#ticket=${tickets.issue()}`,
    async close() {
      removeRuntimeFile(paths.runtimeFile, token);
      window.close();
      openReplies.cutAll();
      await listening.close();
      await app.close();
      tokens.close();
      log.info("closed");
    },
  };
}
