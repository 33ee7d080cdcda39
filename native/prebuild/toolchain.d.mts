// Types of toolchain.mjs, for tests.

/** [sync] The path of zig, which is installed when it is not there yet. */
export function findZig(): string;
