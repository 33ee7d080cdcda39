/** Types for build.mjs, which esbuild.config.mjs and the tests share. */
import type { BuildOptions } from "esbuild";

export const KEPT_OUTSIDE: string[];
export function companionTarget(): BuildOptions;
