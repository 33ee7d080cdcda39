// Workers whose network to Redis and to the companion breaks in every way, while jobs come in and the queue repeats
// what it said: what it is held against, for both of its lengths.

import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { loadBull } from "../../../companion/queue/bull.ts";
import { seeded } from "../server/seeded.ts";
import { type BrokenNetwork, openBrokenNetwork } from "../support/broken-network.ts";
import { bundleEntries } from "../support/bundle.ts";
import { finished, openTestService, request, submit, temporaryFolder, upload } from "../support/job-service.ts";
import { type Audit, audit, emptyAudit } from "../support/kill-driver.ts";
import { noisePng } from "../support/pictures.ts";
import { startRedis } from "../support/redis.ts";
import { elsewhereOn, fakeEngines, openFace, QUICK_PACE, startWorker } from "../support/workers.ts";

/** Longer than a hold lasts, and than a worker may be silent. */
const LONG_MS = 2 * QUICK_PACE.lockMs;
const LATE_MS = 200;

export interface PartitionReport extends Audit {
  faults: Record<string, number>;
  /** Entries that were put on the queue again, and hints that were given again, late and out of order. */
  repeated: number;
}

export async function runThroughPartitions(durationMs: number): Promise<PartitionReport> {
  const seed = Date.now() % 1_000_000;
  const random = seeded(seed);
  const studio = await openFarStudio();
  const { service, faults } = studio;
  const counts = Object.fromEntries(Object.keys(faults).map((kind) => [kind, 0]));
  const ids: string[] = [];
  let repeated = 0;
  const [content, style] = [await upload(service, noisePng(1)), await upload(service, noisePng(2))];
  const end = Date.now() + durationMs;
  for (let turn = 0; Date.now() < end; turn++) {
    const kinds = Object.keys(faults);
    const kind = kinds[turn % kinds.length] ?? "";
    counts[kind] = (counts[kind] ?? 0) + 1;
    for (let n = 0; n < 3; n++) {
      const iterations = n === 0 ? 130 : 10 + Math.floor(random() * 40);
      const settings = { iterations, stepSize: 0.05, strength: turn % 100 };
      ids.push((await submit(service, request(content, style, settings))).id);
    }
    await sleep(random() * 300);
    await faults[kind]?.();
    // What a queue that delivers at least once, and in any order, may do at the worst.
    const some = ids.slice(0, -1).filter(() => random() < 0.1);
    for (const job of [...ids.slice(-1), ...some.reverse()]) {
      await studio.repeat(job, `${job}-${Math.floor(random() * 1e9)}`);
      repeated += 2;
    }
    await sleep(random() * LONG_MS);
    studio.heal();
  }
  for (const id of ids) await finished(service, id, 300_000);
  await studio.stop();
  const report = { ...emptyAudit(), faults: counts, repeated };
  const promised = ids.map((id) => ({ key: id, id, result: null }));
  audit(studio.data, promised, report);
  console.log(`partitions, seed ${seed}: ${JSON.stringify(report)}`);
  return report;
}

/** A companion, two workers behind networks that can be broken, and one near it. */
async function openFarStudio() {
  const [childPath = ""] = await bundleEntries("fake-child");
  const data = temporaryFolder();
  const redis = await startRedis();
  const { elsewhere, bull } = await elsewhereOn(redis.url, data, { pace: QUICK_PACE });
  const service = await openTestService({ data, elsewhere });
  const face = await openFace(service, data);
  const { port } = face.server;
  const toRedis = await openBrokenNetwork({ target: redis.port });
  // The companion answers under its own names and port only; this address is as long as that.
  const other = "127.0.0.3";
  const rewrite = (bytes: Buffer) =>
    Buffer.from(bytes.toString("latin1").replace(`${other}:${port}`, `127.0.0.1:${port}`), "latin1");
  const toCompanion = await openBrokenNetwork({ target: port, host: other, port, rewrite });
  const url = `redis://127.0.0.1:${toRedis.port}/0`;
  const { token } = face;
  const behind = { url, address: new URL(`http://${other}:${port}`), token, pace: QUICK_PACE };
  const near = { ...behind, url: redis.url, address: face.address };
  const agents = [
    await startWorker({ ...behind, name: "far 1", engines: fakeEngines(childPath) }),
    await startWorker({ ...behind, name: "far 2", engines: fakeEngines(childPath) }),
    await startWorker({ ...near, name: "near", engines: fakeEngines(childPath) }),
  ];
  const parrot = await loadBull(redis.url, face.server.tokens.instance, () => undefined);
  const repeating = parrot.queue("batch");
  const publisher = parrot.connection();
  await once(publisher, "ready");
  return {
    data,
    service,
    faults: faultsOf(toRedis, toCompanion),
    /** Puts an entry there once more, and hints at its job. */
    async repeat(job: string, jobId: string): Promise<void> {
      await repeating.add("job", { job }, { jobId, removeOnComplete: true });
      await publisher.publish(parrot.hintChannel, `look ${job}`);
    },
    heal(): void {
      toRedis.heal();
      toCompanion.heal();
    },
    async stop(): Promise<void> {
      await Promise.all(agents.map(({ agent }) => agent.close()));
      await parrot.close();
      await face.stop();
      await service.close();
      await bull.close();
      await Promise.all([toRedis.close(), toCompanion.close(), redis.stop()]);
    },
  };
}

function faultsOf(toRedis: BrokenNetwork, toCompanion: BrokenNetwork): Record<string, () => Promise<void> | void> {
  return {
    "redis cut": () => toRedis.cut(),
    "redis late": () => toRedis.delay(LATE_MS),
    "redis silent": () => toRedis.silence(),
    "companion cut": () => toCompanion.cut(),
    "companion late": () => toCompanion.delay(LATE_MS),
    "companion silent": () => toCompanion.silence(),
    "both silent": () => {
      toRedis.silence();
      toCompanion.silence();
    },
  };
}
