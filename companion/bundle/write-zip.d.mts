// Types of write-zip.mjs, for its test.

/** [name in the archive, file on the disk, may be run] → the archive's size in bytes. */
export function writeZip(target: string, entries: readonly [string, string, boolean][]): number;
