// Where the command line finds a running companion: its port and a token, in a 0600 file in the data folder.
// Written when the companion listens, removed when it ends; after a crash it is stale and the next start replaces it.

import { readFileSync, rmSync } from "node:fs";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { replaceFile } from "./storage/replace-file.ts";

const RuntimeSchema = Type.Object({
  port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  pid: Type.Integer({ minimum: 1 }),
  instance: Type.String(),
  token: Type.String(),
  startedAt: Type.Integer(),
});
export type Runtime = Static<typeof RuntimeSchema>;

/** [sync] */
export function writeRuntimeFile(path: string, runtime: Runtime): void {
  replaceFile(path, `${JSON.stringify(runtime, null, 2)}\n`);
}

/** [sync] Null when there is none, or none that can be read. */
export function readRuntimeFile(path: string): Runtime | null {
  try {
    const content: unknown = JSON.parse(readFileSync(path, "utf8"));
    return Value.Check(RuntimeSchema, content) ? content : null;
  } catch {
    return null;
  }
}

/** [sync] Leaves another companion's file alone. */
export function removeRuntimeFile(path: string, token: string): void {
  if (readRuntimeFile(path)?.token === token) rmSync(path, { force: true });
}
