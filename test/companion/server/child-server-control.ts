// Bundles child-server.ts, starts it as a process and talks to it.

import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { packageRoot } from "../../../companion/package-root.ts";
import type { Command } from "./child-server.ts";

export interface ChildServer {
  port: number;
  token: string;
  ask<T>(command: Command): Promise<T>;
  stop(): Promise<void>;
}

export async function startChildServer(nodeOptions: string[] = []): Promise<ChildServer> {
  // Below the repository, where node finds the packages that stay outside the bundle.
  mkdirSync(join(packageRoot(), "build"), { recursive: true });
  const folder = mkdtempSync(join(packageRoot(), "build", "test-server-"));
  const outfile = join(folder, "child-server.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("child-server.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    outfile,
  });
  const child = fork(outfile, [], { execArgv: nodeOptions, stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const { port, token } = await ready(child);
  const waiting = new Map<number, (value: unknown) => void>();
  let commands = 0;
  child.on("message", (message) => {
    const { id, value } = message as { id: number; value: unknown };
    waiting.get(id)?.(value);
    waiting.delete(id);
  });

  function ask<T>(command: Command): Promise<T> {
    const id = commands++;
    return new Promise((resolve) => {
      waiting.set(id, resolve as (value: unknown) => void);
      child.send({ id, command });
    });
  }

  return {
    port,
    token,
    ask,
    async stop() {
      const exited = new Promise((resolve) => child.once("exit", resolve));
      await ask({ type: "stop" });
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function ready(child: ChildProcess): Promise<{ port: number; token: string }> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`The test server ended with ${code}.`)));
    child.once("message", (message) => resolve((message as { ready: { port: number; token: string } }).ready));
  });
}
