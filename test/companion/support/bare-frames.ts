// Frames of a server that does nothing but what every companion must: how fast this machine is just now.

import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { temporaryFolder } from "./job-service.ts";

/** About what a claim, its order and an outcome have. */
const SMALL = JSON.stringify({ job: "j".repeat(200) });
const LARGE = JSON.stringify({ order: "o".repeat(1500) });
/** As a result of 2 × 2 pixels. */
const PICTURE_BYTES = 80;

export async function startBareFrames(serverPath: string) {
  const stdio = ["ignore", "ignore", "inherit", "ipc"] as const;
  const server = fork(serverPath, [temporaryFolder()], { stdio: [...stdio], execArgv: [] });
  const [port] = (await once(server, "message")) as [number];
  const agent = new Agent({ keepAlive: true });
  let frames = 0;

  async function used(): Promise<number> {
    const answer = once(server, "message");
    server.send("measure");
    return ((await answer) as [number])[0];
  }

  async function ask(method: string, body: string | Buffer): Promise<void> {
    const sent = request({ port, agent, method, headers: { "Content-Length": Buffer.byteLength(body) } });
    sent.end(body);
    const [message] = (await once(sent, "response")) as [NodeJS.ReadableStream];
    message.resume();
    await once(message, "end");
  }

  const before = await used();
  return {
    /** One after the other. */
    async serve(count: number): Promise<void> {
      for (let n = 0; n < count; n++) {
        await ask("POST", n % 2 === 0 ? LARGE : SMALL);
        await ask("PUT", Buffer.concat([Buffer.from(`${LARGE}\n`), randomBytes(PICTURE_BYTES)]));
      }
      frames += count;
    },
    /** Of the server's processor, over all frames so far. */
    cpuMsPerFrame: async (): Promise<number> => ((await used()) - before) / frames,
    async stop(): Promise<void> {
      agent.destroy();
      const gone = once(server, "exit");
      server.kill("SIGKILL");
      await gone;
    },
  };
}
