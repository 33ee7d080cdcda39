// Files of the largest size that is taken, made of nothing but what a reader of headers steps over: the server,
// which reads them between two requests, must be through with each in no time.

import { describe, expect, test } from "vitest";
import { readPictureHeader } from "../../../companion/pictures/read-header.ts";
import { MAX_BLOB_BYTES } from "../../../companion/protocol/limits.ts";
import { processorClock } from "../../setup/processor-time.ts";

/** Processor time, so that a busy machine changes nothing; what the event loop may be held up. */
const MAX_MS = 50;

function file(build: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(MAX_BLOB_BYTES);
  build(bytes);
  return bytes;
}

/** Puts `unit` behind `from`, again and again, up to the end. */
function repeat(bytes: Buffer, from: number, unit: readonly number[]): void {
  bytes.fill(Buffer.from(unit), from);
}

const ascii = (text: string): number[] => [...Buffer.from(text, "latin1")];

const FILES: Record<string, (bytes: Buffer) => void> = {
  "a PNG of empty chunks": (bytes) => {
    bytes.set([0x89, ...ascii("PNG\r\n\x1a\n"), 0, 0, 0, 13, ...ascii("IHDR"), 0, 0, 0, 64, 0, 0, 0, 64]);
    repeat(bytes, 33, [0, 0, 0, 0, ...ascii("tEXt"), 0, 0, 0, 0]);
  },
  "a JPEG of fill bytes": (bytes) => bytes.fill(0xff).set([0xff, 0xd8]),
  "a JPEG of empty segments": (bytes) => {
    bytes.set([0xff, 0xd8]);
    repeat(bytes, 2, [0xff, 0xe1, 0, 2]);
  },
  "a WebP of empty frames": (bytes) => {
    bytes.set([...ascii("RIFF\0\0\0\0WEBPVP8X"), 10, 0, 0, 0, 2]);
    repeat(bytes, 30, [...ascii("ANMF"), 0, 0, 0, 0]);
  },
  "a TIFF whose longest directory leads to itself": (bytes) => {
    bytes.set([...ascii("II*\0"), 8, 0, 0, 0, 0xff, 0xff]);
    repeat(bytes, 10, [0, 1, 3, 0, 1, 0, 0, 0, 64, 0, 0, 0]);
    bytes.writeUInt32LE(8, 10 + 0xffff * 12);
  },
  "a TIFF of small directories that lead to each other": (bytes) => {
    bytes.set([...ascii("II*\0"), 8, 0, 0, 0, 0, 0, 14, 0, 0, 0, 0, 0, 8, 0, 0, 0]);
  },
  "an AVIF of nested boxes": (bytes) => {
    bytes.set([0, 0, 0, 16, ...ascii("ftypavif"), 0, 0, 0, 0]);
    for (let at = 16; at + 8 <= 1_000_000; at += 8) {
      bytes.writeUInt32BE(bytes.length - at, at);
      bytes.write("iprp", at + 4, "latin1");
    }
  },
  "an AVIF of empty boxes": (bytes) => {
    bytes.set([0, 0, 0, 16, ...ascii("ftypavif"), 0, 0, 0, 0]);
    repeat(bytes, 16, [0, 0, 0, 8, ...ascii("free")]);
  },
};

function refuse(bytes: Buffer): { refusal: unknown; ms: number } {
  const spent = processorClock();
  let refusal: unknown = null;
  try {
    readPictureHeader(bytes, "The picture");
  } catch (error) {
    refusal = error;
  }
  return { refusal, ms: spent() };
}

describe("the header of", () => {
  for (const [name, build] of Object.entries(FILES)) {
    test(`${name} is refused at once`, () => {
      const bytes = file(build);
      // The first time pays for memory that was never touched and for code that is not compiled yet.
      const tries = [refuse(bytes), refuse(bytes), refuse(bytes)];
      expect(tries[0]?.refusal).toMatchObject({ code: "bad-picture" });
      expect(Math.min(...tries.map(({ ms }) => ms))).toBeLessThan(MAX_MS);
    });
  }
});
