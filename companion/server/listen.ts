// Finds the port and listens: on 127.0.0.1 and ::1, because "localhost" may mean either; never on all
// interfaces unless asked. Limits on connections are those that 2,000 dripping sockets were measured with.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { ImpastoError } from "../protocol/errors.ts";
import { refuseConnection } from "./raw-replies.ts";

const HEADERS_TIMEOUT_MS = 5000;
/** A whole upload; its rate has a floor of its own. */
const REQUEST_TIMEOUT_MS = 600_000;
const CHECK_EVERY_MS = 1000;
const MAX_CONNECTIONS = 512;
const MAX_REQUESTS_PER_SOCKET = 1000;
/** Replies under way may end for so long when the companion stops. */
const CLOSE_GRACE_MS = 1000;

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

export interface Listening {
  port: number;
  /** Ports before it in the list that were in use. */
  taken: number[];
  /** Ends idle connections at once and the others with their reply. */
  close(): Promise<void>;
}

export interface ListenOptions {
  ports: readonly number[];
  /** Another interface for other machines; loopback stays. */
  lanHost?: string;
}

/**
 * Listens on the first of the ports that is free on every loopback address.
 * Resolves with null when none is. A port that the system refuses (EACCES) counts as taken.
 */
export async function listen(onRequest: RequestListener, { ports, lanHost }: ListenOptions): Promise<Listening | null> {
  const taken: number[] = [];
  for (const port of ports) {
    const servers = await listenOn(onRequest, port, lanHost);
    if (servers === null) {
      taken.push(port);
      continue;
    }
    const [first] = servers;
    return {
      port: (first.address() as AddressInfo).port,
      taken,
      async close() {
        await Promise.all(servers.map(closeServer));
      },
    };
  }
  return null;
}

async function listenOn(
  onRequest: RequestListener,
  port: number,
  lanHost: string | undefined,
): Promise<[Server, ...Server[]] | null> {
  const servers: Server[] = [];
  try {
    const [host, ...others] = addresses(lanHost);
    const first = await bind(onRequest, port, host);
    servers.push(first);
    const actual = (first.address() as AddressInfo).port;
    for (const other of others) {
      const server = await bind(onRequest, actual, other).catch((error: NodeJS.ErrnoException) => {
        if (other === "::1" && isMissing(error)) return null;
        throw error;
      });
      if (server !== null) servers.push(server);
    }
    return [first, ...servers.slice(1)];
  } catch (error) {
    await Promise.all(servers.map(closeServer));
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE" || code === "EACCES") return null;
    if (lanHost === undefined || !isMissing(error as NodeJS.ErrnoException)) throw error;
    throw new ImpastoError("bad-request", `This machine has no address ${lanHost}.`, {
      hint: "Give --host an address of this machine on your network, or 0.0.0.0 for all of them.",
      cause: error,
    });
  }
}

/** An address for everybody includes loopback and cannot be bound beside it. */
function addresses(lanHost: string | undefined): [string, ...string[]] {
  if (lanHost === undefined) return ["127.0.0.1", "::1"];
  if (lanHost === "0.0.0.0") return [lanHost, "::1"];
  return lanHost === "::" ? [lanHost] : ["127.0.0.1", "::1", lanHost];
}

/** A machine without IPv6 is fine. */
function isMissing({ code }: NodeJS.ErrnoException): boolean {
  return code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT" || code === "ENOTFOUND" || code === "EINVAL";
}

function bind(onRequest: RequestListener, port: number, host: string): Promise<Server> {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_EVERY_MS,
      // The guard refuses it, in our words and with our headers.
      requireHostHeader: false,
      joinDuplicateHeaders: false,
      insecureHTTPParser: false,
    },
    (request, response) => {
      tellOfClose(request, response);
      onRequest(request, response);
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_SOCKET;
  // A listener for each of the requests that came one behind the other; Node warns from the eleventh on.
  server.on("connection", (socket) => socket.setMaxListeners(MAX_REQUESTS_PER_SOCKET));
  server.on("upgrade", (_request: IncomingMessage, socket: Duplex) => refuseConnection(socket, 426));
  server.on("connect", (_request: IncomingMessage, socket: Duplex) => refuseConnection(socket, 405));
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) socket.destroy();
    else refuseConnection(socket, clientErrorStatus(error.code));
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, exclusive: true, ipv6Only: host === "::1" }, () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}

/**
 * Of requests that came one behind the other, Node tells only the reply whose turn it is that the connection closed: the
 * others would count as being listened to for ever.
 */
function tellOfClose({ socket }: IncomingMessage, response: ServerResponse): void {
  const closed = (): void => {
    if (response.socket !== null) return;
    response.destroy();
    response.emit("close");
  };
  socket.once("close", closed);
  response.once("close", () => socket.off("close", closed));
}

function clientErrorStatus(code: string | undefined): number {
  if (code === "HPE_HEADER_OVERFLOW") return 431;
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    server.close(() => {
      clearTimeout(late);
      resolve();
    });
    server.closeIdleConnections();
  });
}
