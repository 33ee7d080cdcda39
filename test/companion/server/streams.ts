// Many event streams at once, and what health costs meanwhile.

import { get, type IncomingMessage } from "node:http";
import { type ChildServer, startChildServer } from "./child-server-control.ts";

export interface StreamReport {
  /** Events that each stream received, fewest and most. */
  fewest: number;
  most: number;
  healthMedianMs: number;
  healthP99Ms: number;
  rssBytes: number;
}

/** `streams` clients on as many jobs, `perSecond` events on each, for `seconds`. */
export async function measureStreams(streams: number, perSecond: number, seconds: number): Promise<StreamReport> {
  const server = await startChildServer();
  const jobs: string[] = [];
  for (let index = 0; index < streams; index++) jobs.push(await server.ask<string>({ type: "add-job" }));
  const counts = new Array<number>(streams).fill(0);
  const replies = await Promise.all(jobs.map((id, index) => openStream(server, id, () => (counts[index] as number)++)));
  await server.ask({ type: "stream", jobs, perSecond });

  const times: number[] = [];
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    const sentAt = performance.now();
    await (await fetch(`http://127.0.0.1:${server.port}/v1/health`)).arrayBuffer();
    times.push(performance.now() - sentAt);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const rssBytes = await server.ask<number>({ type: "memory" });
  for (const reply of replies) reply.destroy();
  await server.stop();
  times.sort((a, b) => a - b);
  return {
    fewest: Math.min(...counts),
    most: Math.max(...counts),
    healthMedianMs: times[Math.floor(times.length / 2)] as number,
    healthP99Ms: times[Math.floor((times.length - 1) * 0.99)] as number,
    rssBytes,
  };
}

function openStream(server: ChildServer, id: string, onEvent: () => void): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get(
      {
        host: "127.0.0.1",
        port: server.port,
        path: `/v1/jobs/${id}/events`,
        headers: { Authorization: `Bearer ${server.token}` },
        agent: false,
      },
      (reply) => {
        reply.on("data", (chunk: Buffer) => {
          for (const byte of chunk) if (byte === 10) onEvent();
        });
        reply.on("error", () => undefined);
        resolve(reply);
      },
    );
    request.once("error", reject);
  });
}
