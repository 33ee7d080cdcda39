// A network that breaks on order: a TCP proxy that cuts connections, holds back what it was given, or goes silent in the
// middle with both ends left open. TCP itself hides lost, doubled and disordered packets; what of them reaches a program
// is late, cut or silent connections.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface BrokenNetwork {
  port: number;
  /** Ends all connections; new ones are taken. */
  cut(): void;
  /** From now on everything is late by so long; 0: at once again. */
  delay(ms: number): void;
  /** Nothing comes through any more, and nobody is told; connections of that time stay dead. */
  silence(): void;
  /** As new; what was silenced is cut. */
  heal(): void;
  close(): Promise<void>;
}

/** `rewrite`: of what goes to the target. */
export async function openBrokenNetwork(options: {
  target: number;
  host?: string;
  port?: number;
  rewrite?: (bytes: Buffer) => Buffer;
}): Promise<BrokenNetwork> {
  const { target, host = "127.0.0.1", port = 0, rewrite = (bytes) => bytes } = options;
  const sockets = new Set<Socket>();
  let delayMs = 0;
  let silent = false;

  function carry(from: Socket, to: Socket, change: (bytes: Buffer) => Buffer): void {
    // What is late keeps its order.
    let before = Promise.resolve();
    const later = (work: () => void) => {
      const wait = delayMs;
      if (silent) return;
      before = before
        .then(() => (wait === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, wait))))
        .then(work);
    };
    from.on("data", (bytes: Buffer) => later(() => void (to.destroyed || to.write(change(bytes)))));
    from.on("end", () => later(() => to.end()));
    from.on("close", () => {
      sockets.delete(from);
      if (!silent) to.destroy();
    });
    from.on("error", () => undefined);
    sockets.add(from);
  }

  function cut(): void {
    for (const socket of sockets) socket.destroy();
  }

  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    carry(client, upstream, rewrite);
    carry(upstream, client, (bytes) => bytes);
  });
  server.listen(port, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    delay(ms) {
      delayMs = ms;
    },
    silence() {
      silent = true;
    },
    heal() {
      delayMs = 0;
      silent = false;
      cut();
    },
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
