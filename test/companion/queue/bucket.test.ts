// Pictures by way of a bucket: what it is called, what is told of one that does not work, and that a job never hangs on it.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Bucket, openBucket, parseBucketAddress } from "../../../companion/queue/bucket.ts";
import { finished, PATIENT } from "../support/job-service.ts";
import { sha256 } from "../support/pictures.ts";
import type { TestRedis } from "../support/redis.ts";
import { type S3Server, startS3 } from "../support/s3-server.ts";
import { openStudio, type Studio } from "../support/studio.ts";
import { aroundAllWithRedis } from "../support/studio-hooks.ts";

const ADDRESS = parseBucketAddress("s3://studio/blobs");

let store: S3Server;
beforeEach(async () => {
  store = await startS3("studio");
  for (const [name, value] of Object.entries(store.env)) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await store.stop();
});

describe("The address of a bucket", () => {
  it.each([
    ["s3://studio", { bucket: "studio", prefix: "", shown: "s3://studio" }],
    ["s3://studio/", { bucket: "studio", prefix: "", shown: "s3://studio" }],
    ["s3://my.studio-1/a/b/", { bucket: "my.studio-1", prefix: "a/b/", shown: "s3://my.studio-1/a/b" }],
  ])("%s is taken apart", (text, address) => {
    expect(parseBucketAddress(text)).toEqual(address);
  });

  it.each(["studio/blobs", "https://studio/blobs", "s3://", "s3://Studio", "s3://studio/../other", "s3://studio/a b"])(
    "%s is refused with the form that it must have",
    (text) => {
      expect(() => parseBucketAddress(text)).toThrow("Expected s3://bucket/prefix for --blobs");
    },
  );
});

describe("A bucket", () => {
  it("gives back what was put there, and nothing where it is missing, too large, or another file", async () => {
    const bucket = await openBucket(ADDRESS);
    const bytes = Buffer.from("a picture");
    const hash = sha256(bytes);
    expect(await bucket.get(hash, 100)).toBeNull();
    await bucket.put(hash, bytes);
    expect(Buffer.from((await bucket.get(hash, 100)) ?? [])).toEqual(bytes);
    expect(await bucket.get(hash, bytes.length - 1)).toBeNull();
    expect([...store.objects.keys()]).toContain(`/studio/blobs/${hash}`);
    store.objects.set(`/studio/blobs/${hash}`, Buffer.from("a Picture"));
    expect(await bucket.get(hash, 100)).toBeNull();
    await bucket.remove(hash);
    expect(store.objects.has(`/studio/blobs/${hash}`)).toBe(false);
    bucket.close();
  });

  it("is refused at the start where its name or key is wrong, in one sentence", async () => {
    await expect(openBucket(parseBucketAddress("s3://another"))).rejects.toThrow(
      "The bucket s3://another cannot be written to (NoSuchBucket).",
    );
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "not the secret");
    await expect(openBucket(ADDRESS)).rejects.toThrow("cannot be written to (SignatureDoesNotMatch).");
  });
});

describe("Jobs of a companion with a bucket", () => {
  let redis: TestRedis;
  let studio: Studio;
  aroundAllWithRedis((started) => {
    redis = started;
  });
  afterEach(() => studio.close());

  async function paint(bucket: () => Promise<Bucket>, before = () => {}): Promise<string> {
    studio = await openStudio(redis, { bucket });
    const { engine } = await studio.join("worker");
    const id = await studio.submit();
    await expect.poll(() => engine.job, PATIENT).toBe(id);
    before();
    engine.finish();
    expect(await finished(studio.service, id)).toMatchObject({ state: "done", attempts: 1 });
    const { result } = studio.service.get(id);
    expect((await studio.service.result(id)).bytes).toBe(result?.bytes);
    return result?.sha256 ?? "";
  }

  const asked = (method: string, hash: string) => store.asked.includes(`${method} /studio/blobs/${hash}`);

  it("go there and back through it, and the result does not stay", async () => {
    const result = await paint(() => openBucket(ADDRESS));
    for (const picture of studio.pictures) expect([asked("PUT", picture), asked("GET", picture)]).toEqual([true, true]);
    expect(["PUT", "GET"].map((method) => asked(method, result))).toEqual([true, true]);
    await expect.poll(() => store.objects.has(`/studio/blobs/${result}`), PATIENT).toBe(false);
  });

  it("are done over HTTP when it breaks meanwhile, and when the result is not there", async () => {
    const result = await paint(() => openBucket(ADDRESS), store.break);
    expect(asked("PUT", result)).toBe(true);
    expect(studio.log().filter(({ event }) => event === "job-done")).toHaveLength(1);
    await studio.close();
    const lossy = async () => ({ ...(await openBucket(ADDRESS)), put: async () => undefined });
    store = await startS3("studio");
    for (const [name, value] of Object.entries(store.env)) vi.stubEnv(name, value);
    expect(asked("GET", await paint(lossy))).toBe(true);
  });

  it("are done over HTTP by a worker that has another bucket", async () => {
    const opened: string[] = [];
    const result = await paint(async () => {
      const address = parseBucketAddress(opened.push("one") === 1 ? "s3://studio/blobs" : "s3://studio/other");
      return await openBucket(address);
    });
    expect(opened).toHaveLength(2);
    expect(store.asked.some((each) => each.startsWith("GET "))).toBe(false);
    expect(store.asked.some((each) => each.endsWith(result))).toBe(false);
  });
});
