import type { BuildOptions } from "esbuild";

export function pluginTarget(): BuildOptions;
