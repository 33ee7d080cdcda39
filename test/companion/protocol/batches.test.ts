// What the limits of a batch come to together.

import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { type BatchRequest, BatchRequestSchema } from "../../../companion/protocol/batches.ts";
import { MAX_FRAMES, MAX_JSON_BYTES, MAX_NAME_LENGTH } from "../../../companion/protocol/limits.ts";

test("the largest batch fits into a request, whatever its frames are called", () => {
  const sha256 = "a".repeat(64);
  // Half of a pair: six bytes in JSON, more than any other character.
  const content = { sha256, name: "\ud83d".repeat(MAX_NAME_LENGTH), style: 15, strength: 12.345678901234567 };
  const contents = Array.from({ length: MAX_FRAMES }, () => content);
  const request: BatchRequest = { styles: [{ picture: { sha256 }, weight: 1 }], settings: {}, contents };
  expect(Value.Check(BatchRequestSchema, request)).toBe(true);
  expect(Buffer.byteLength(JSON.stringify(request))).toBeLessThan(MAX_JSON_BYTES);
});
