// Bundles support/http-server.ts or support/whole-companion.ts, starts it as a process and talks to it.

import { type ChildProcess, fork } from "node:child_process";
import { bundleEntries } from "../support/bundle.ts";
import type { Command } from "../support/http-server.ts";

export interface ChildServer {
  port: number;
  token: string;
  ask<T>(command: Command): Promise<T>;
  stop(): Promise<void>;
}

/** The HTTP face over the fake job service. */
export async function startChildServer(): Promise<ChildServer> {
  const [bundle = ""] = await bundleEntries("http-server");
  return control(fork(bundle, [], { stdio: ["ignore", "inherit", "inherit", "ipc"] }));
}

/** The whole companion on a data folder of its own. */
export async function startWholeCompanion(data: string): Promise<ChildServer> {
  const [bundle = "", childPath = ""] = await bundleEntries("whole-companion", "fake-child");
  const stdio = ["ignore", "inherit", "inherit", "ipc"] as const;
  return control(fork(bundle, [data, childPath], { execArgv: ["--expose-gc"], stdio: [...stdio] }));
}

async function control(child: ChildProcess): Promise<ChildServer> {
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
    },
  };
}

function ready(child: ChildProcess): Promise<{ port: number; token: string }> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`The test server ended with ${code}.`)));
    child.once("message", (message) => resolve((message as { ready: { port: number; token: string } }).ready));
  });
}
