// The real companion in a process of its own (with the fake engine), stopped, killed and started again on the same
// port and folder, as a person would; and links to it.

import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { createCompanionLink, type LinkOptions } from "../../../ui/engines/companion/link.ts";
import type { CompanionLink } from "../../../ui/state/link.ts";
import { bundleEntries } from "../../companion/support/bundle.ts";
import type { PanelCompanionCommand } from "../../companion/support/panel-companion-command.ts";

// Node 20 has no navigator; a browser without the permission has one that says so.
vi.stubGlobal("navigator", {
  userAgent: "a test",
  permissions: { query: () => Promise.reject(new TypeError("unknown permission")) },
});

export interface RealCompanion {
  readonly base: string;
  ask(command: PanelCompanionCommand): Promise<string>;
  /** The state of the newest job and what was changed while it ran. */
  latestJob(): Promise<{ state: string; changes: { settings: { strength?: number } }[] }>;
  /** SIGTERM and SIGKILL; resolves when the process is gone. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stops it for good and removes its folder. */
  end(): Promise<void>;
}

export async function startCompanion(): Promise<RealCompanion> {
  const [entry = "", childPath = ""] = await bundleEntries("panel-companion", "fake-child");
  const data = mkdtempSync(join(tmpdir(), "impasto-panel-"));
  const waiting = new Map<number, (value: string) => void>();
  let port = 0;
  let commands = 0;
  let child: ChildProcess = await open();

  function open(): Promise<ChildProcess> {
    const stdio = ["ignore", "inherit", "inherit", "ipc"] as const;
    const opened = fork(entry, [data, childPath, String(port)], { stdio: [...stdio] });
    return new Promise((resolve, reject) => {
      opened.once("exit", (code) => reject(new Error(`The companion ended with ${code}.`)));
      opened.once("message", (message) => {
        ({ port } = message as { port: number });
        resolve(opened);
      });
      opened.on("message", (message) => {
        const { id, value } = message as { id: number; value: string };
        waiting.get(id)?.(value);
        waiting.delete(id);
      });
    });
  }

  function signal(name: "SIGTERM" | "SIGKILL"): Promise<void> {
    return new Promise((resolve) => {
      child.once("exit", () => resolve());
      child.kill(name);
    });
  }

  const companion: RealCompanion = {
    get base() {
      return `http://localhost:${port}`;
    },
    ask(command) {
      const id = commands++;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        child.send({ id, command });
      });
    },
    latestJob: async () => JSON.parse(await companion.ask("latest-job")),
    stop: () => signal("SIGTERM"),
    kill: () => signal("SIGKILL"),
    async start() {
      child = await open();
    },
    async end() {
      await signal("SIGTERM");
      rmSync(data, { recursive: true, force: true });
    },
  };
  return companion;
}

/** What a host stores, in memory. */
export function memoryStorage() {
  const values = new Map<string, unknown>();
  return {
    values,
    load: async (key: string) => values.get(key),
    save: async (key: string, value: unknown) => {
      if (value === undefined) values.delete(key);
      else values.set(key, value);
    },
  };
}

export function openLink(bases: readonly string[], more: Partial<LinkOptions> = {}): CompanionLink {
  return createCompanionLink({
    bases,
    storage: memoryStorage(),
    about: { host: "figma", name: "Figma in a test" },
    everyMs: { present: 150, absent: 100 },
    ...more,
  });
}

/** Resolves once the condition holds; rejects with its last failure. */
export async function soon(condition: () => void | Promise<void>, timeoutMs = 20_000): Promise<void> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await condition();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Resolves when the link is in that state. */
export function reached(link: CompanionLink, kind: CompanionLink["state"]["value"]["kind"]): Promise<void> {
  return soon(() => {
    if (link.state.value.kind === kind) return;
    throw new Error(`The link is ${JSON.stringify(link.state.value)} and not ${kind}`);
  });
}
