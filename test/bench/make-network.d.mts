/** A seeded random network file's bytes; `width` scales VGG19's channels, `last` is the deepest layer. */
export function makeNetwork(options?: { width?: number; seed?: number; last?: string; pooling?: "avg" | "max" }): Buffer;
