// The folders that Impasto keeps things in, and whether each can be written: tried where it stands, else judged by the
// nearest folder above it that does.

import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, open, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ImpastoError } from "../protocol/errors.ts";
import { dataPaths, type Folders, folders } from "./data-folder.ts";

export interface FolderReport {
  /** What is kept there. */
  holds: string;
  /** Null for a user who has no place for it. */
  path: string | null;
  writable: boolean;
  /** Whether it is there already, or why it cannot be written. */
  detail: string;
}

const KEPT: { holds: string; place: (folders: Folders) => string }[] = [
  { holds: "jobs and pairings", place: ({ data }) => data },
  { holds: "pictures", place: ({ data }) => dataPaths(data).blobs },
  { holds: "networks", place: ({ cache }) => join(cache, "networks") },
  { holds: "measurements", place: ({ cache }) => cache },
  { holds: "logs", place: ({ logs }) => logs },
];

export async function reportFolders(environment: NodeJS.ProcessEnv = process.env): Promise<FolderReport[]> {
  const found = folders(environment);
  return await Promise.all(KEPT.map(({ holds, place }) => reportFolder(holds, () => place(found))));
}

async function reportFolder(holds: string, place: () => string): Promise<FolderReport> {
  let path: string;
  try {
    path = place();
  } catch (error) {
    if (!(error instanceof ImpastoError)) throw error;
    return { holds, path: null, writable: false, detail: `${error.message} ${error.hint ?? ""}`.trim() };
  }
  try {
    const isThere = await exists(path);
    await (isThere ? tryWriting(path) : mayBeMade(dirname(path)));
    return { holds, path, writable: true, detail: isThere ? "can be written" : "is made when it is needed" };
  } catch (error) {
    return { holds, path, writable: false, detail: `cannot be written (${codeOf(error)})` };
  }
}

/** Rights alone tell too little: of drives, quotas and Windows' lists. */
async function tryWriting(folder: string): Promise<void> {
  const path = join(folder, `.impasto-${randomBytes(6).toString("hex")}.tmp`);
  const file = await open(path, "wx", 0o600);
  await file.close();
  await rm(path, { force: true });
}

async function mayBeMade(above: string): Promise<void> {
  if ((await exists(above)) || dirname(above) === above) await access(above, constants.W_OK | constants.X_OK);
  else await mayBeMade(dirname(above));
}

/** Throws where a file stands in the way. */
async function exists(path: string): Promise<boolean> {
  try {
    if (!(await stat(path)).isDirectory()) throw Object.assign(new Error(`${path} is no folder`), { code: "ENOTDIR" });
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
