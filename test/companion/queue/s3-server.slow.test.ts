// The bucket against an S3 server that others wrote: jobs go there and back through it. The server comes from npm into a
// folder of its own; where that cannot be had, the test is skipped and says why.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Bucket, openBucket, parseBucketAddress } from "../../../companion/queue/bucket.ts";
import { finished, PATIENT, temporaryFolder } from "../support/job-service.ts";
import { sha256 } from "../support/pictures.ts";
import { freePort, type TestRedis } from "../support/redis.ts";
import { openStudio } from "../support/studio.ts";
import { aroundAllWithRedis } from "../support/studio-hooks.ts";

const SERVER = "s3rver@3.7.1";
/** The one key that it knows, for both halves. */
const KEY = "S3RVER";
const STARTS_WITHIN_MS = 30_000;

const THIS_FILE = fileURLToPath(import.meta.url);
const BYTES_OF_THIS_FILE = readFileSync(THIS_FILE);

const folder = temporaryFolder();
const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const installed = spawnSync(npm, ["install", "--no-audit", "--no-fund", "--prefix", folder, SERVER], {
  encoding: "utf8",
  shell: process.platform === "win32",
});
const isThere = installed.status === 0;
if (!isThere) console.warn(`Skipped: ${SERVER} cannot be installed. ${installed.stderr}`);

describe.skipIf(!isThere)("A bucket of another's S3 server", () => {
  let redis: TestRedis;
  aroundAllWithRedis((started) => {
    redis = started;
  });

  let stop: () => Promise<void>;
  beforeAll(async () => {
    const port = await freePort();
    const program = join(folder, "node_modules", "s3rver", "bin", "s3rver.js");
    const places = ["--directory", join(folder, "objects"), "--address", "127.0.0.1", "--port", String(port)];
    const server = spawn(process.execPath, [program, ...places, "--configure-bucket", "studio", "--silent"], {
      stdio: "ignore",
    });
    const gone = once(server, "exit");
    stop = async () => {
      server.kill("SIGKILL");
      await gone;
    };
    vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${port}`);
    vi.stubEnv("AWS_REGION", "us-east-1");
    vi.stubEnv("AWS_ACCESS_KEY_ID", KEY);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", KEY);
    const end = Date.now() + STARTS_WITHIN_MS;
    while (!(await answers(port))) {
      if (Date.now() > end) throw new Error("The S3 server does not answer.");
      await sleep(50);
    }
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await stop();
  });

  const opened: Bucket[] = [];
  afterEach(() => {
    for (const bucket of opened.splice(0)) bucket.close();
  });

  async function open(address: string): Promise<Bucket> {
    const bucket = await openBucket(parseBucketAddress(address));
    opened.push(bucket);
    return bucket;
  }

  it("gives back what was put there, from memory and from a file, and nothing where it was removed", async () => {
    const bucket = await open("s3://studio/blobs");
    const bytes = Buffer.alloc(300_000, "a picture");
    const hash = sha256(bytes);
    expect(await bucket.get(hash, bytes.length)).toBeNull();
    await bucket.put(hash, bytes);
    expect(Buffer.from((await bucket.get(hash, bytes.length)) ?? [])).toEqual(bytes);
    expect(await bucket.get(hash, bytes.length - 1)).toBeNull();
    await bucket.remove(hash);
    expect(await bucket.get(hash, bytes.length)).toBeNull();
    const ownHash = sha256(BYTES_OF_THIS_FILE);
    await bucket.put(ownHash, THIS_FILE);
    expect(Buffer.from((await bucket.get(ownHash, BYTES_OF_THIS_FILE.length)) ?? [])).toEqual(BYTES_OF_THIS_FILE);
  });

  it("is refused at the start where its name or key is wrong, in one sentence", async () => {
    await expect(open("s3://another")).rejects.toThrow("The bucket s3://another cannot be written to (NoSuchBucket).");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "nobody");
    await expect(open("s3://studio")).rejects.toThrow("cannot be written to (InvalidAccessKeyId).");
    vi.stubEnv("AWS_ACCESS_KEY_ID", KEY);
  });

  it("carries a job's pictures there and its result back", async () => {
    const results: string[] = [];
    const bucket = async () => {
      const real = await open("s3://studio/jobs");
      const get: Bucket["get"] = async (hash, maxBytes) => {
        const bytes = await real.get(hash, maxBytes);
        if (bytes !== null) results.push(hash);
        return bytes;
      };
      return { ...real, get };
    };
    const studio = await openStudio(redis, { bucket });
    const { engine } = await studio.join("worker");
    const id = await studio.submit();
    await expect.poll(() => engine.job, PATIENT).toBe(id);
    engine.finish();
    const { result } = await finished(studio.service, id);
    expect(results.sort()).toEqual([...studio.pictures, result?.sha256].sort());
    const store = await open("s3://studio/jobs");
    await expect.poll(() => store.get(result?.sha256 ?? "", 1_000_000), PATIENT).toBeNull();
    await studio.close();
  });
});

async function answers(port: number): Promise<boolean> {
  return await fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
}
