// Content-addressed pictures: whole or not at all, verified, within the quota.

import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { beforeEach, describe, expect, it } from "vitest";
import { BlobStore } from "../../../companion/storage/blobs.ts";
import { DiskSpace } from "../../../companion/storage/disk-space.ts";
import { type FileSystem, realFileSystem } from "../../../companion/storage/file-system.ts";
import { FAILURES, failingFileSystem } from "../support/file-systems.ts";
import { readAll, temporaryFolder } from "../support/job-service.ts";
import { sha256 } from "../support/pictures.ts";

const MB = 1024 * 1024;
let folder = "";
const options = { maxBytes: 8 * MB };

beforeEach(() => {
  folder = temporaryFolder();
});

function open(fileSystem: FileSystem = realFileSystem, quotaBytes = 100 * MB) {
  const blobs = join(folder, "blobs");
  const temporary = join(folder, "tmp");
  mkdirSync(blobs, { recursive: true });
  mkdirSync(temporary, { recursive: true });
  const space = new DiskSpace(fileSystem, folder, { quotaBytes, reserveBytes: () => 0 });
  return { store: new BlobStore(fileSystem, blobs, temporary, space), space };
}

function leftovers(): string[] {
  return readdirSync(join(folder, "tmp"));
}

describe("BlobStore", () => {
  it("stores a stream under its hash, once", async () => {
    const { store, space } = open();
    const bytes = Buffer.alloc(3 * MB, 7);
    const hash = sha256(bytes);
    const chunks = [bytes.subarray(0, MB), bytes.subarray(MB)];
    expect(await store.put(hash, Readable.from(chunks), options)).toEqual({ bytes: 3 * MB, created: true });
    expect(await store.put(hash, Readable.from(chunks), options)).toEqual({ bytes: 3 * MB, created: false });
    expect(store.path(hash)).toBe(join(folder, "blobs", hash.slice(0, 2), hash));
    expect(space.usedBytes).toBe(3 * MB);
    const opened = await store.open(hash);
    expect(opened && sha256(await readAll(opened.stream))).toBe(hash);
    expect(statSync(store.path(hash)).mode & 0o077).toBe(0);
    expect(leftovers()).toEqual([]);
  });

  it("counts a picture once that is sent twice at the same time", async () => {
    const { store, space } = open();
    const bytes = Buffer.alloc(MB, 1);
    const hash = sha256(bytes);
    const puts = [1, 2, 3].map(() => store.put(hash, Readable.from([bytes]), options));
    const created = (await Promise.all(puts)).filter((put) => put.created);
    expect(created).toHaveLength(1);
    expect(space.usedBytes).toBe(MB);
    expect(leftovers()).toEqual([]);
  });

  it("counts the room once of a picture that several remove at the same time", async () => {
    const { store, space } = open();
    const [bytes, other] = [Buffer.alloc(MB, 1), Buffer.alloc(MB, 2)];
    for (const each of [bytes, other]) await store.put(sha256(each), Readable.from([each]), options);
    await Promise.all([1, 2, 3].map(() => store.remove(sha256(bytes))));
    expect(space.usedBytes).toBe(MB);
    expect(store.size(sha256(bytes))).toBeNull();
  });

  it("refuses another content than announced, too much of it, and a stream that breaks", async () => {
    const { store } = open();
    const wrong = store.put("0".repeat(64), Readable.from([Buffer.from("x")]), options);
    await expect(wrong).rejects.toMatchObject({ code: "hash-mismatch" });
    const long = Array.from({ length: 9 }, () => Buffer.alloc(MB));
    await expect(store.put(sha256(Buffer.concat(long)), Readable.from(long), options)).rejects.toMatchObject({
      code: "payload-too-large",
    });
    const broken = new Readable({ read: () => undefined });
    broken.push(Buffer.from("some"));
    setTimeout(() => broken.destroy(new Error("gone")), 10);
    await expect(store.put("0".repeat(64), broken, options)).rejects.toMatchObject({ code: "bad-request" });
    const lost = new Readable({ read: () => undefined });
    const early = store.put("0".repeat(64), lost, options);
    lost.destroy(new Error("gone"));
    await expect(early).rejects.toMatchObject({ code: "bad-request" });
    expect(leftovers()).toEqual([]);
    expect(readdirSync(join(folder, "blobs"))).toEqual([]);
  });

  it("refuses names that are no hash, and never follows a link", async () => {
    const { store } = open();
    for (const name of ["", "..", "../../etc/passwd", "A".repeat(64), `${"0".repeat(63)}/`, "0".repeat(65)]) {
      expect(() => store.path(name)).toThrowError(/no SHA-256/);
    }
    const secret = join(folder, "secret");
    writeFileSync(secret, "secret");
    const hash = sha256(Buffer.from("secret"));
    mkdirSync(join(folder, "blobs", hash.slice(0, 2)));
    symlinkSync(secret, store.path(hash));
    await expect(store.open(hash)).rejects.toMatchObject({ code: "internal" });
  });

  it("never serves a damaged blob, and takes it again", async () => {
    const bytes = Buffer.alloc(1000, 3);
    const hash = sha256(bytes);
    await open().store.put(hash, Readable.from([bytes]), options);
    const { store } = open();
    writeFileSync(store.path(hash), Buffer.alloc(1000, 4));
    expect(await store.open(hash)).toBeNull();
    expect(await store.put(hash, Readable.from([bytes]), options)).toMatchObject({ created: true });
    expect(await store.verify(hash)).toBe(true);
  });

  it("makes room before it refuses, and refuses in a plain sentence", async () => {
    const { store, space } = open(realFileSystem, 2 * MB);
    const bytes = [1, 2, 3].map((fill) => Buffer.alloc(MB, fill));
    const [first = Buffer.alloc(0), second = Buffer.alloc(0), third = Buffer.alloc(0)] = bytes;
    const put = (content: Buffer) =>
      store.put(sha256(content), Readable.from([content]), { ...options, declaredBytes: content.length });
    await put(first);
    await put(second);
    await expect(put(third)).rejects.toMatchObject({ code: "disk-full", message: expect.stringContaining("room") });
    space.makeRoom = async (wanted) => {
      await store.remove(sha256(first));
      return wanted;
    };
    expect(await put(third)).toMatchObject({ created: true });
    expect(space.usedBytes).toBe(2 * MB);
  });

  it("gives up old results for the reserve, and tries all the same", async () => {
    const nearlyFull: FileSystem = {
      ...realFileSystem,
      freeSpace: async () => ({ freeBytes: 1024 ** 3, totalBytes: 100 * 1024 ** 3 }),
    };
    const space = new DiskSpace(nearlyFull, folder);
    let wanted = 0;
    space.makeRoom = async (bytes) => {
      wanted = bytes;
      return 0;
    };
    expect(await space.use()).toMatchObject({ reserveBytes: 2 * 1024 ** 3, quotaBytes: 10 * 1024 ** 3 });
    await expect(space.ensure(1, "a picture")).resolves.toBeUndefined();
    expect(wanted).toBe(1024 ** 3 + 1);
    expect(await space.hasRoom(1)).toBe(false);
  });

  it.each([
    ["4 TB with 150 GB free", { freeBytes: 150e9, totalBytes: 4e12 }],
    ["a small volume", { freeBytes: 90e6, totalBytes: 100e6 }],
    ["a file system that does not tell", null],
  ])("has room on %s", async (_, told) => {
    const space = new DiskSpace({ ...realFileSystem, freeSpace: async () => told }, folder);
    space.makeRoom = async () => expect.unreachable("nothing has to go");
    await space.ensure(32 * MB, "a picture");
    expect(await space.hasRoom(32 * MB)).toBe(true);
  });

  it("says that its folder is gone, and how to go on", async () => {
    const { store } = open();
    rmSync(folder, { recursive: true });
    const bytes = Buffer.from("a picture");
    await expect(store.put(sha256(bytes), Readable.from([bytes]), options)).rejects.toMatchObject({
      code: "file-not-writable",
      message: "A folder of Impasto's, or a file in it, was removed or moved while Impasto used it.",
    });
  });

  it("stores the picture whole or not at all, whichever file operation fails", async () => {
    const bytes = Buffer.alloc(2000, 9);
    const hash = sha256(bytes);
    let tried = 0;
    for (const failure of FAILURES) {
      for (let n = 1; ; n++) {
        folder = temporaryFolder();
        const failing = failingFileSystem();
        failing.arm(n, failure);
        const { store } = open(failing);
        const error = await store.put(hash, Readable.from([bytes]), options).catch((reason: unknown) => reason);
        if (!failing.failed()) break;
        tried += 1;
        const { store: fresh } = open();
        const present = fresh.size(hash) !== null;
        if (present) expect(await fresh.verify(hash)).toBe(true);
        if (error instanceof Error) expect(error).toMatchObject({ name: "ImpastoError" });
        else expect(present).toBe(true);
        await fresh.sweep();
        expect(leftovers()).toEqual([]);
        expect(await fresh.put(hash, Readable.from([bytes]), options)).toMatchObject({ bytes: 2000 });
      }
    }
    console.log(`blobs: ${tried} single failures survived`);
    expect(tried).toBeGreaterThanOrEqual(4 * 8);
  });
});
