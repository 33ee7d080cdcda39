// A worker that takes one job and is gone in the next moment, as one whose machine lost its power: it renews nothing,
// says nothing, and paints nothing. What it does before that is the test's choice.

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { PROTOCOL_VERSION } from "../../../companion/protocol/ports.ts";
import type { Beat, WorkOrder } from "../../../companion/protocol/work.ts";
import { type Bull, type Job, loadBull } from "../../../companion/queue/bull.ts";
import { type Link, openLink } from "../../../companion/worker/link.ts";
import { tinyResult } from "./tiny-result.ts";
import { QUICK_PACE } from "./workers.ts";

export interface Ghost {
  worker: string;
  link: Link;
  bull: Bull;
  order: WorkOrder;
  entry: Job;
  token: string;
  /** Which attempt of whose, as its requests say it. */
  query: { worker: string; attempt: string };
  beat(held: Beat["held"]): Promise<void>;
  /** Brings what it came to. */
  finish(): Promise<void>;
  vanish(): Promise<void>;
}

/** Resolves when it has claimed a job; one that others lost, too. */
export async function ghostTakes(options: { url: string; address: URL; token: string; name: string }): Promise<Ghost> {
  const { url, address, name } = options;
  const link = await openLink({ address, token: options.token });
  const bull = await loadBull(url, link.instance, () => undefined, QUICK_PACE);
  const worker = randomBytes(16).toString("hex");
  const queue = bull.worker("interactive", name);
  void queue.startStalledCheckTimer();
  const about = { worker, name, version: "9.9.9", protocol: PROTOCOL_VERSION, slots: 1, devices: [] };
  const beat = async (held: Beat["held"]) => void (await link.json("workBeat", { body: { ...about, held } }));
  for (;;) {
    await beat([]);
    const token = randomBytes(8).toString("hex");
    const entry = (await queue.getNextJob(token, { block: false })) as Job | undefined;
    if (entry === undefined) {
      await sleep(20);
      continue;
    }
    const body = { worker, job: entry.data.job, entry: entry.id ?? "", start: Math.max(1, entry.attemptsStarted) };
    const reply = await link.json("workClaim", { body });
    if (reply.type !== "work") {
      await entry.moveToCompleted(null, token, false);
      continue;
    }
    const { order } = reply;
    const query = { worker, attempt: String(order.attempt) };
    return {
      ...{ worker, link, bull, order, entry, token, beat },
      query,
      async finish() {
        const { bytes, finished } = tinyResult(randomBytes(12), order);
        const line = `${JSON.stringify({ ...finished, inBucket: false })}\n`;
        const body = Buffer.concat([Buffer.from(line), bytes]);
        await link.send("workFinish", { params: { id: order.job }, query, body });
      },
      async vanish() {
        await bull.close();
        link.close();
      },
    };
  }
}
