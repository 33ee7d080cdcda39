// Files that a worker keeps: by their hashes, whole or not at all, within bounds.

import { existsSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { FileCache } from "../../../companion/worker/file-cache.ts";
import { temporaryFolder } from "../support/job-service.ts";
import { sha256 } from "../support/pictures.ts";

let folder: string;
beforeEach(() => {
  folder = join(temporaryFolder(), "cache");
});

const file = (text: string) => ({ bytes: Buffer.from(text), hash: sha256(Buffer.from(text)) });

it("a file is loaded once, also when several ask for it at the same time, and is there for the next process", async () => {
  const { bytes, hash } = file("style");
  let loads = 0;
  const load = async () => {
    loads += 1;
    return bytes;
  };
  const cache = new FileCache(folder);
  const paths = await Promise.all([cache.get(hash, load), cache.get(hash, load)]);
  expect(paths).toEqual([join(folder, hash), join(folder, hash)]);
  expect(await new FileCache(folder).get(hash, load)).toBe(paths[0]);
  expect(loads).toBe(1);
  expect(readFileSync(paths[0] ?? "", "utf8")).toBe("style");
});

it("another file than was asked for is refused, and nothing of it stays", async () => {
  const { hash } = file("style");
  const cache = new FileCache(folder);
  await expect(cache.get(hash, async () => Buffer.from("other"))).rejects.toMatchObject({ code: "hash-mismatch" });
  expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
  // Asked for again it may come right.
  expect(await cache.get(hash, async () => file("style").bytes)).toBe(join(folder, hash));
});

it("what was not used for long goes when there is no room, and what was used lately stays", async () => {
  const [old, used, next] = [file("a".repeat(40)), file("b".repeat(40)), file("c".repeat(40))];
  const cache = new FileCache(folder, 100);
  for (const { hash, bytes } of [old, used]) await cache.get(hash, async () => bytes);
  const longAgo = new Date(Date.now() - 7_200_000);
  utimesSync(join(folder, old.hash), longAgo, longAgo);
  await cache.get(next.hash, async () => next.bytes);
  expect(readdirSync(folder).sort()).toEqual([used.hash, next.hash].sort());
});
