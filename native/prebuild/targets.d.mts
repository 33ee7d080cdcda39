// Types of targets.mjs, for its test.

/** @param work the folder of sources put together and of objects */
export function compilerOptions(platform: string, work: string): string[];
export function withoutDate(library: Buffer): Buffer;
/** Its objects' names in `work`. */
export function compile(zig: string, platform: string, work: string): string[];
export function link(zig: string, platform: string, work: string, objects: readonly string[], file: string): void;
