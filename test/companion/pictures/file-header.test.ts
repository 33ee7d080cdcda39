import { writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { readFileHeader } from "../../../companion/pictures/file-header.ts";
import { type FileSystem, realFileSystem } from "../../../companion/storage/file-system.ts";
import { temporaryFolder } from "../support/job-service.ts";

const folder = temporaryFolder();

/** A JPEG of 40 × 30 px with so much metadata in front of its size. */
async function jpegFile(name: string, metadataBytes: number): Promise<string> {
  const jpeg = await sharp({ create: { width: 40, height: 30, channels: 3, background: "red" } })
    .jpeg()
    .toBuffer();
  const segments: Buffer[] = [];
  for (let left = metadataBytes; left > 0; left -= 65_000) {
    const length = Math.min(left, 65_000);
    segments.push(Buffer.from([0xff, 0xe5, (length + 2) >> 8, (length + 2) & 0xff]), Buffer.alloc(length));
  }
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2), Buffer.alloc(1_000_000)]));
  return path;
}

function counting() {
  const read: string[] = [];
  const fileSystem: FileSystem = {
    ...realFileSystem,
    read(path) {
      read.push(path);
      return realFileSystem.read(path);
    },
  };
  return { read, fileSystem };
}

describe("the header of a file", () => {
  test("is found at its beginning, without reading it whole", async () => {
    const { read, fileSystem } = counting();
    const header = await readFileHeader(fileSystem, await jpegFile("short.jpg", 1000), "The picture");
    expect(header).toMatchObject({ format: "jpeg", width: 40, height: 30 });
    expect(read).toEqual([]);
  });

  test("is found behind megabytes of metadata", async () => {
    const path = await jpegFile("long.jpg", 2_000_000);
    expect(await readFileHeader(realFileSystem, path, "The picture")).toMatchObject({ width: 40, height: 30 });
  });

  test("of an empty, a damaged and a foreign file is refused in words", async () => {
    const refusal = async (name: string, bytes: string) => {
      const path = join(folder, name);
      writeFileSync(path, bytes, "latin1");
      return await readFileHeader(realFileSystem, path, "The picture").catch((error) => error);
    };
    expect(await refusal("empty", "")).toMatchObject({
      code: "bad-picture",
      message: expect.stringContaining("empty"),
    });
    expect(await refusal("damaged", "\xff\xd8\xff\xe0")).toMatchObject({ code: "bad-picture" });
    expect(await refusal("foreign", "GIF89a")).toMatchObject({ code: "unsupported-picture" });
  });
});
