// The archive, read back by its own directory.

import { crc32 as reference } from "node:zlib";
import { describe, expect, test } from "vitest";
import { crc32, zip } from "../../../ui/hosts/web/zip.ts";

describe("zip", () => {
  test("its directory leads to every entry, name and bytes", () => {
    const entries = ["One.png", "Zwei – ü.png"].map((name, index) => ({
      name,
      bytes: new Uint8Array(100 * index + 3).fill(index + 7),
    }));
    const archive = Buffer.from(zip(entries));
    const end = archive.length - 22;
    expect(archive.readUInt32LE(end)).toBe(0x06054b50);
    expect(archive.readUInt16LE(end + 10)).toBe(2);
    let at = archive.readUInt32LE(end + 16);
    for (const { name, bytes } of entries) {
      expect(archive.readUInt32LE(at)).toBe(0x02014b50);
      const nameLength = archive.readUInt16LE(at + 28);
      expect(archive.toString("utf8", at + 46, at + 46 + nameLength)).toBe(name);
      expect(archive.readUInt32LE(at + 16)).toBe(reference(Buffer.from(bytes)));
      const local = archive.readUInt32LE(at + 42);
      expect(archive.readUInt32LE(local)).toBe(0x04034b50);
      const start = local + 30 + archive.readUInt16LE(local + 26);
      expect(new Uint8Array(archive.subarray(start, start + archive.readUInt32LE(at + 24)))).toEqual(bytes);
      at += 46 + nameLength;
    }
    expect(at).toBe(end);
  });
  test("its checksum is the usual one", () => {
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  });
});
