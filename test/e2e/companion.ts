// A companion of its own for an end-to-end test: dist/impasto.js in a process, with a data folder that is gone afterwards.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PORTS } from "../../companion/protocol/ports.ts";
import { BUNDLE, cliEnvironment } from "../companion/cli/run-cli.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const STARTUP_MS = 30_000;
/** Two seconds apart. */
const PORT_TRIES = 60;

export interface RunningCompanion {
  /** Of its latest start. */
  readonly port: number;
  /** Address of its own page, with the ticket that makes it trusted; of its latest start. */
  readonly page: string;
  /** Opens the pairing window; the code as the terminal shows it. */
  pairingCode(): Promise<string>;
  /** Kills it like a crash. */
  kill(): Promise<void>;
  /** Starts it again with the same data. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** `where`: at one of the three ports at which panels look for it, or at one of its own. */
export async function startCompanion(where: "in sight" | "aside" = "in sight"): Promise<RunningCompanion> {
  const home = mkdtempSync(join(tmpdir(), "impasto-e2e-"));
  const env = cliEnvironment({
    IMPASTO_HOME: home,
    IMPASTO_CACHE: join(home, "cache"),
    ...(where === "in sight" && { NODE_OPTIONS: "" }),
  });
  const children = new Set<ChildProcess>();
  const run = (...args: string[]): ChildProcess => {
    const child = spawn(process.execPath, [BUNDLE, ...args], { cwd: ROOT, env });
    children.add(child);
    child.on("close", () => children.delete(child));
    return child;
  };
  let server: ChildProcess | null = null;
  let port = 0;
  let page = "";

  async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill(signal);
    await closed;
  }

  const companion: RunningCompanion = {
    get port() {
      return port;
    },
    get page() {
      return page;
    },
    async start() {
      for (let tries = 0; ; tries++) {
        server = run("serve", "--no-open");
        try {
          [page, port] = readAddress(await waitFor(server, /page: (http:\/\/localhost:(\d+)\S*)\s/));
          return;
        } catch (error) {
          // Other tests have companions as well, and there are three ports.
          if (tries === PORT_TRIES || !String(error).includes("are all in use")) throw error;
          await new Promise((resolve) => setTimeout(resolve, 2000));
        }
      }
    },
    async pairingCode() {
      return (await waitFor(run("pair", "open"), /[0-9A-Z]{4}-[0-9A-Z]{4}/))[0];
    },
    async kill() {
      if (server !== null) await end(server, "SIGKILL");
      server = null;
    },
    async stop() {
      for (const child of children) await end(child, child === server ? "SIGTERM" : "SIGKILL");
      rmSync(home, { recursive: true, force: true });
    },
  };
  await companion.start();
  return companion;
}

function readAddress([, page = "", port = ""]: RegExpExecArray): [page: string, port: number] {
  return [page, Number(port)];
}

/**
 * Chromium's argument that leaves only this port of the companion's reachable, or none: other companions of the
 * machine are then not found by the panel.
 */
export function onlyPort(port: number | null): string {
  const closed = PORTS.filter((other) => other !== port).map((other) => `MAP localhost:${other} 127.0.0.1:1`);
  return `--host-resolver-rules=${closed.join(",")}`;
}

/** The first match in what a process prints. */
function waitFor(child: ChildProcess, text: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let printed = "";
    const fail = (why: string) => reject(new Error(`${why} before printing ${text}: ${printed}`));
    const timer = setTimeout(() => fail("30 s went by"), STARTUP_MS);
    const read = (data: Buffer) => {
      printed += data.toString();
      const found = text.exec(printed);
      if (found === null) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("close", (code) => {
      clearTimeout(timer);
      fail(`The process ended with ${code}`);
    });
  });
}
