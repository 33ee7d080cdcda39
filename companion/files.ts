// Files on the user's disk: read whole within a limit, and replaced whole or not at all.

import { randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { access, chmod, type FileHandle, open, readlink, realpath, rename, rm, stat, statfs } from "node:fs/promises";
import { basename, dirname, join, parse, resolve } from "node:path";
import { ImpastoError } from "./protocol/errors.ts";
import { readPipe, readStdin } from "./read-pipe.ts";
import { isStdin } from "./standard-streams.ts";
import { makeFolderPath } from "./storage/make-folder.ts";
import { renamePatiently } from "./storage/patient-rename.ts";
import { unlessUnknown } from "./storage/unknown-sync.ts";

/** What a file is called in a message: its name without folders, where it has one. */
export function fileName(path: string): string {
  if (isStdin(path)) return "stdin";
  return /^\/(?:dev|proc\/[^/]+)\/fd\//.test(path) ? path : basename(path);
}

/**
 * Reads a regular file, or a pipe up to its end; "-" is stdin.
 * @param checkSize called with the size before anything is read, of a pipe with what has come; throws to refuse
 * @throws ImpastoError file-not-found or file-not-readable
 */
export async function readFileWhole(path: string, checkSize: (bytes: number) => void = () => {}): Promise<Uint8Array> {
  if (isStdin(path)) return await readWholeStdin(checkSize);
  const file = await openWithoutWaiting(path);
  try {
    const stats = await file.stat();
    if (stats.isFIFO()) return await readPipe(file, path, checkSize);
    return await readOpened(file, path, checkSize);
  } catch (error) {
    throw error instanceof ImpastoError ? error : readError(path, error);
  } finally {
    await file.close();
  }
}

/** As readFileWhole, and no pipe: among many files none is waited for, and each may be read twice. */
export async function readOrdinaryFile(path: string, checkSize: (bytes: number) => void): Promise<Uint8Array> {
  const file = await openFile(path);
  try {
    return await readOpened(file, path, checkSize);
  } catch (error) {
    throw error instanceof ImpastoError ? error : readError(path, error);
  } finally {
    await file.close();
  }
}

async function readOpened(file: FileHandle, path: string, checkSize: (bytes: number) => void): Promise<Uint8Array> {
  const stats = await file.stat();
  const problem = notOrdinary(stats, path);
  if (problem !== null) throw problem;
  checkSize(stats.size);
  const bytes = await file.readFile();
  // Some file systems tell no size, and a file may grow meanwhile.
  checkSize(bytes.length);
  return bytes;
}

/** For reading; the caller closes it. No pipe and no device. @throws ImpastoError file-not-found or file-not-readable */
export async function openFile(path: string): Promise<FileHandle> {
  const file = await openWithoutWaiting(path);
  const problem = notOrdinary(await file.stat(), path);
  if (problem === null) return file;
  await file.close();
  throw problem;
}

/** A pipe without a writer would block the open for ever. */
async function openWithoutWaiting(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw readError(path, error);
  }
}

function notOrdinary(stats: Stats, path: string): ImpastoError | null {
  if (stats.isFile()) return null;
  const what = stats.isDirectory() ? "a folder, not a file" : "not an ordinary file";
  return new ImpastoError("file-not-readable", `${path} is ${what}.`);
}

async function readWholeStdin(checkSize: (bytes: number) => void): Promise<Uint8Array> {
  try {
    return await readStdin(checkSize);
  } catch (error) {
    throw error instanceof ImpastoError ? error : readError("stdin", error);
  }
}

export interface ReplaceOptions {
  /** Also a file that is protected against writing. */
  force?: boolean;
}

const OWNER_MAY_WRITE = 0o200;

/**
 * Replaces `path` as a whole: a temporary file beside it, flushed to the disk, then renamed over it.
 * Makes the folder; follows a link that stands at `path`; a file that was there leaves its rights to the new one.
 * @throws ImpastoError disk-full or file-not-writable; what stood at `path` then still stands
 */
export async function writeFileWhole(
  path: string,
  bytes: Uint8Array,
  { force = false }: ReplaceOptions = {},
): Promise<void> {
  try {
    const target = await followLink(path);
    const folder = dirname(target);
    makeFolderPath(folder);
    const mode = await modeToKeep(path, target, force);
    // Without the file's own name, which may be as long as a name can be.
    const temporary = join(folder, `.impasto-${randomBytes(6).toString("hex")}.tmp`);
    try {
      await writeFlushed(temporary, bytes, mode);
      // Windows replaces no protected file.
      if (force && process.platform === "win32") await chmod(target, 0o600).catch(() => undefined);
      await renamePatiently(() => rename(temporary, target));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await flushFolder(folder);
  } catch (error) {
    throw writeError(path, error);
  }
}

/** What the file was may be read and written by whom: the new one, too. @throws ImpastoError for a protected one */
async function modeToKeep(path: string, target: string, force: boolean): Promise<number | undefined> {
  const existing = await stat(target).catch(() => undefined);
  if (existing === undefined) return undefined;
  if ((existing.mode & OWNER_MAY_WRITE) === 0 && !force) {
    throw new ImpastoError("file-not-writable", `${path} is protected against writing.`, {
      hint: "Choose another name, or replace it with --force.",
    });
  }
  return existing.mode & 0o777;
}

/** [sync] Makes the folder and those above it. @throws ImpastoError disk-full or file-not-writable */
export function makeFolder(path: string): void {
  try {
    makeFolderPath(path);
  } catch (error) {
    throw writeError(path, error);
  }
}

/**
 * Finds out before hours of work whether `path` can be written: its folder is made, rights are looked at.
 * @throws ImpastoError disk-full or file-not-writable
 */
export async function checkWritable(path: string, { force = false }: ReplaceOptions = {}): Promise<void> {
  try {
    const target = await followLink(path);
    const folder = dirname(target);
    makeFolderPath(folder);
    const existing = await stat(target).catch(unlessUnwritable);
    if (existing?.isDirectory()) throw new ImpastoError("file-not-writable", `${path} is a folder, not a file.`);
    if (existing !== undefined && !existing.isFile()) {
      throw new ImpastoError("file-not-writable", `${path} is not an ordinary file.`);
    }
    await modeToKeep(path, target, force);
    await access(folder, constants.W_OK);
  } catch (error) {
    throw writeError(path, error);
  }
}

/** What is not there can be written, but for a name that nothing can have. */
function unlessUnwritable(error: unknown): undefined {
  if (errno(error) === "ENAMETOOLONG") throw error;
}

/** Bytes that are free where `path` would be written, as its file system says; null where it does not tell. */
export async function freeBytesFor(path: string): Promise<number | null> {
  const told = await followLink(path)
    .then((place) => statfs(dirname(place)))
    .catch(() => null);
  return told === null || told.blocks === 0 ? null : told.bavail * told.bsize;
}

/** Which file stands at `path`, as it is now; null where there is none. */
export async function standingAt(path: string): Promise<string | null> {
  const stats = await stat(path, { bigint: true }).catch(() => null);
  return stats === null ? null : [stats.dev, stats.ino, stats.size, stats.mtimeNs].join(" ");
}

/** "out-2.png" for "out.png", or the next number for which nothing stands there. */
export async function nameBeside(path: string): Promise<string> {
  const { dir, name, ext } = parse(path);
  for (let n = 2; ; n++) {
    const beside = join(dir, `${name}-${n}${ext}`);
    if ((await standingAt(beside)) === null) return beside;
  }
}

/** True when both paths lead to one file, be it through links of either kind. */
export async function isSameFile(a: string, b: string): Promise<boolean> {
  if (resolve(a) === resolve(b)) return true;
  const [one, other] = await Promise.all([a, b].map((path) => stat(path, { bigint: true }).catch(() => undefined)));
  return one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino;
}

/** As many as Linux follows. */
const MAX_LINKS = 40;

/** Where a file at `path` is, or would come to be: a link may lead to what is not there yet. */
async function followLink(path: string): Promise<string> {
  let place = resolve(path);
  for (let links = 0; links < MAX_LINKS; links++) {
    const real = await realpath(place).catch(() => null);
    if (real !== null) return real;
    const target = await readlink(place).catch(() => null);
    if (target === null) return place;
    // From the folder in which the link itself is, which may be reached through another one.
    place = resolve(await realpath(dirname(place)), target);
  }
  throw Object.assign(new Error(`${path} is a link that leads to itself`), { code: "ELOOP" });
}

async function writeFlushed(path: string, bytes: Uint8Array, mode: number | undefined): Promise<void> {
  // No wider than the old one from its first byte on; the rest of its rights come with it.
  const file = await open(path, "wx", mode === undefined ? undefined : mode & 0o600);
  try {
    await file.writeFile(bytes);
    await unlessUnknown(() => file.sync());
    // A file system without rights keeps none.
    if (mode !== undefined) await file.chmod(mode).catch(() => undefined);
  } finally {
    await file.close();
  }
}

/** Makes the rename itself survive a power cut, where that can be had: the result stands in its place already. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close().catch(() => undefined);
}

const READ_REASONS: Record<string, string> = {
  EACCES: "you have no right to read it",
  EPERM: "you have no right to read it",
  EISDIR: "it is a folder",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  ELOOP: "it is a link that leads to itself",
  ENXIO: "it is a socket or a device, not a file",
  EIO: "its disk or its system fails to give it",
  ESTALE: "its network drive has lost it",
  ETIMEDOUT: "its network drive does not answer",
};

/** What to tell when reading the path failed with the cause. */
export function readError(path: string, cause: unknown): ImpastoError {
  const code = errno(cause);
  if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG" || code === "ERR_INVALID_ARG_VALUE") {
    // What the system lists in another encoding reaches a program with this in place of its letters.
    const isUnnamable = path.includes("\ufffd");
    const hint = isUnnamable ? "Its name has letters that are not stored as UTF-8: rename it." : undefined;
    return new ImpastoError("file-not-found", `There is no file ${path}.`, { cause, ...(hint && { hint }) });
  }
  const reason = READ_REASONS[code] ?? `the system says ${code}`;
  return new ImpastoError("file-not-readable", `${path} cannot be read: ${reason}.`, { cause });
}

const WRITE_REASONS: Record<string, string> = {
  EACCES: "you have no right to write there",
  EPERM: "you have no right to write there",
  EROFS: "that disk can only be read",
  EISDIR: "it is a folder",
  ENOENT: "the system takes nothing there",
  EEXIST: "a file stands where its folder should be",
  ENOTDIR: "a file stands where its folder should be",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "it is a link that leads to itself",
  EFBIG: "the system limits the size of files",
  EPIPE: "nobody reads it any more",
};

/** What to tell when writing to the path failed with the cause. */
export function writeError(path: string, cause: unknown): ImpastoError {
  if (cause instanceof ImpastoError) return cause;
  const code = errno(cause);
  if (code === "ENOSPC" || code === "EDQUOT") return diskFull(path, cause);
  const reason = WRITE_REASONS[code] ?? `the system says ${code}`;
  return new ImpastoError("file-not-writable", `${path} cannot be written: ${reason}.`, {
    hint: "Choose another file or folder.",
    cause,
  });
}

function diskFull(path: string, cause?: unknown): ImpastoError {
  return new ImpastoError("disk-full", `There is not enough space on the disk for ${path}.`, {
    hint: "Free some space, or choose another folder.",
    cause,
  });
}

function errno(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return error instanceof Error ? error.message : String(error);
}
