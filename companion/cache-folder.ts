// Where Impasto keeps what it can get again: networks that were pulled, what was measured about the GPU.

import { resolve } from "node:path";
import envPaths from "env-paths";

/** Absolute. IMPASTO_CACHE, or the platform's place: $XDG_CACHE_HOME, ~/Library/Caches, %LOCALAPPDATA%. */
export function cacheFolder(): string {
  return resolve(process.env.IMPASTO_CACHE || envPaths("impasto", { suffix: "" }).cache);
}
