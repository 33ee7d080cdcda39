// Network drives, shared folders of virtual machines and some FUSE file systems know no flush, of folders above all, or
// let a folder be written but not opened. What was written there is as safe as it gets.

const UNKNOWN: ReadonlySet<string | undefined> = new Set([
  "EINVAL",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "ENOTTY",
  "EBADF",
  "EISDIR",
  "EACCES",
  "EPERM",
]);

/** Does `flush`; where the file system has no such thing, nothing. @throws what else the system says */
export async function unlessUnknown(flush: () => Promise<void>): Promise<void> {
  try {
    await flush();
  } catch (error) {
    if (!isUnknownSync(error)) throw error;
  }
}

export function isUnknownSync(error: unknown): boolean {
  return UNKNOWN.has((error as NodeJS.ErrnoException).code);
}
