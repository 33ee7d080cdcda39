// One network's process stays open for a while after its run: the next one is most often for the same network.

import type { Model } from "../protocol/models.ts";
import { ModelProcess, type ModelProcessOptions } from "./model-process.ts";

const IDLE_MS = 60_000;

let kept: { key: string; process: ModelProcess } | null = null;
let idle: NodeJS.Timeout | null = null;

/** Opened anew when another network, more memory or another number of threads is wanted. */
export async function warmProcess(
  { sha256, styleSha256 }: Model,
  files: { main: string; style?: string },
  options: ModelProcessOptions,
): Promise<ModelProcess> {
  const key = JSON.stringify([sha256, styleSha256, options]);
  if (kept?.key !== key || !kept.process.isAlive) {
    kept?.process.close();
    kept = null;
    const style =
      files.style === undefined || styleSha256 === null ? undefined : { path: files.style, sha256: styleSha256 };
    kept = { key, process: await ModelProcess.open({ main: { path: files.main, sha256 }, style }, options) };
  }
  const { process } = kept;
  if (idle !== null) clearTimeout(idle);
  idle = null;
  return process;
}

/** The run is over: its process may go when nobody wants it again soon. */
export function rest(process: ModelProcess): void {
  if (kept?.process !== process) return;
  if (idle !== null) clearTimeout(idle);
  idle = setTimeout(() => process.close(), IDLE_MS).unref();
}
