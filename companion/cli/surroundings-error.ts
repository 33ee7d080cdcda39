// What may happen at any step of any command, since it lies in the surroundings: told in one sentence.

import { ImpastoError } from "../protocol/errors.ts";

/** Null for what the surroundings have no part in. */
export function surroundingsError(error: unknown): ImpastoError | null {
  const { code, syscall } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (code === "EMFILE" || code === "ENFILE") {
    return new ImpastoError("busy", "The system lets Impasto open no more files.", {
      hint: "Raise the limit: `ulimit -n 1024`.",
      cause: error,
    });
  }
  if (syscall === "uv_cwd") {
    return new ImpastoError("file-not-found", "The folder in which this was called is gone.", {
      hint: "Change into another one first.",
      cause: error,
    });
  }
  return null;
}
