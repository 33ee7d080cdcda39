// Refusals of the disk that the cache lies on, told so that a person can act.

import { ImpastoError } from "../protocol/errors.ts";

/** "80 MB" */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 9.95e6 ? 1 : 0)} MB`;
}

/** Turns ENOSPC, EACCES and the like, met while writing `path`, into an ImpastoError; others pass through. */
export function fileError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof ImpastoError) return error;
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOSPC":
    case "EDQUOT":
      return new ImpastoError("disk-full", `There is no space left for ${path}.`, {
        hint: "Free some space, or choose another folder with IMPASTO_CACHE, and run the command again.",
        cause: error,
      });
    case "EACCES":
    case "EPERM":
    case "EROFS":
    case "ENOTDIR":
    case "EISDIR":
    case "EEXIST":
    case "ENOENT":
      return new ImpastoError("file-not-writable", `${path} cannot be written.`, {
        hint: "Check the folder's permissions, or choose another one with IMPASTO_CACHE.",
        cause: error,
      });
    default:
      return error;
  }
}
