// Types of without-symbols.mjs, for its test.

export function withoutSymbols(program: Buffer): Buffer;
