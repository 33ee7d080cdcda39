// --save-every: the picture as it stands, beside the result: out.png → out-00050.png.

import { basename, dirname, extname, join } from "node:path";
import type { EngineRun, TraceRecord } from "../engine.ts";
import { writePictureFile } from "../pictures/files.ts";
import type { Picture, Preview } from "../protocol/engine.ts";
import type { Terminal } from "./terminal.ts";

export interface Saver {
  /** Saves once for a batch of records in which an n-th iteration is. */
  note(run: EngineRun, records: readonly TraceRecord[]): void;
  /** Resolves with the paths when the last one is written; a failure has been told and ended the saving. */
  saved(): Promise<string[]>;
}

export function createSaver(out: string, every: number, terminal: Terminal): Saver {
  const paths: string[] = [];
  let failed = false;
  let saving = Promise.resolve();
  const save = async (run: EngineRun, iteration: number): Promise<void> => {
    if (failed) return;
    try {
      const preview = await run.preview();
      if (preview === null) return;
      const path = intermediatePath(out, iteration);
      await writePictureFile(path, toPicture(preview));
      paths.push(path);
    } catch (error) {
      // The result is worth more than what is saved on the way to it.
      failed = true;
      terminal.note(
        `${error instanceof Error ? error.message : String(error)} Nothing more is saved before the result.`,
      );
    }
  };
  return {
    note: (run, records) => {
      const due = records.findLast(({ totalIteration }) => totalIteration % every === 0);
      if (due !== undefined) saving = saving.then(() => save(run, due.totalIteration));
    },
    saved: async () => {
      await saving;
      return paths;
    },
  };
}

export function intermediatePath(out: string, iteration: number): string {
  const extension = extname(out);
  return join(dirname(out), `${basename(out, extension)}-${String(iteration).padStart(5, "0")}${extension}`);
}

/** Interleaved bytes → planar floats (copies). */
function toPicture({ width, height, rgb }: Preview): Picture {
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < 3; channel++) data[channel * plane + i] = (rgb[3 * i + channel] ?? 0) / 255;
  }
  return { width, height, channels: 3, data };
}
