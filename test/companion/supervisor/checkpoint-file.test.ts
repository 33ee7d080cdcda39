// Checkpoints: read back as written, or not at all.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realFileSystem } from "../../../companion/storage/file-system.ts";
import { checkpointPath, readCheckpoint, writeCheckpoint } from "../../../companion/supervisor/checkpoint-file.ts";
import { temporaryFolder } from "../support/job-service.ts";

const JOB = "0123456789abcdef".repeat(2);
const state = Uint8Array.from({ length: 10_000 }, (_, i) => i % 251);

async function written(): Promise<string> {
  const path = checkpointPath(temporaryFolder(), JOB, 3);
  await writeCheckpoint(realFileSystem, path, JOB, state);
  return path;
}

test("a checkpoint comes back as it was, and a newer one takes its place", async () => {
  const path = await written();
  expect(await readCheckpoint(realFileSystem, path, JOB)).toEqual(Buffer.from(state));
  await writeCheckpoint(realFileSystem, path, JOB, Uint8Array.of(1, 2, 3));
  expect(await readCheckpoint(realFileSystem, path, JOB)).toEqual(Buffer.from([1, 2, 3]));
});

test("BAD INPUT - a missing, foreign, cut or changed checkpoint is none", async () => {
  const path = await written();
  expect(await readCheckpoint(realFileSystem, `${path}.not`, JOB)).toBeNull();
  expect(await readCheckpoint(realFileSystem, path, "f".repeat(32))).toBeNull();
  const whole = readFileSync(path);
  const other = join(temporaryFolder(), "other");
  for (let length = 0; length < whole.length; length += 97) {
    writeFileSync(other, whole.subarray(0, length));
    expect(await readCheckpoint(realFileSystem, other, JOB)).toBeNull();
  }
  for (let at = 0; at < whole.length; at += 97) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 1;
    writeFileSync(other, changed);
    expect(await readCheckpoint(realFileSystem, other, JOB)).toBeNull();
  }
});
