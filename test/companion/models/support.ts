// Models in a home of their own, and pictures to paint.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { examineModel, keepModel, type ModelSource } from "../../../companion/models/import-model.ts";
import { locateModel } from "../../../companion/models/locate.ts";
import { startModelRun } from "../../../companion/models/model-run.ts";
import { testPicture } from "../../../companion/models/probe.ts";
import type { Picture, StylizeRequest, StylizeResult } from "../../../companion/protocol/engine.ts";
import type { Model } from "../../../companion/protocol/models.ts";
import type { Progress } from "../../../companion/protocol/progress.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../../companion/protocol/settings.ts";

export interface ModelHome {
  folder: string;
  /** Writes a file and returns its path. */
  file(name: string, bytes: Uint8Array): string;
  /** As impasto models import does, without a question. */
  bringIn(name: string, bytes: Uint8Array, options?: Partial<ModelSource>): Promise<Model>;
  remove(): void;
}

export function modelHome(): ModelHome {
  const folder = mkdtempSync(join(tmpdir(), "impasto-models-"));
  const before = process.env.IMPASTO_HOME;
  process.env.IMPASTO_HOME = join(folder, "home");
  const home: ModelHome = {
    folder,
    file(name, bytes) {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return path;
    },
    async bringIn(name, bytes, options = {}) {
      const source = { file: home.file(`${name}.onnx`, bytes), given: {}, threads: 1, ...options };
      const found = await examineModel(source);
      await keepModel(found, source);
      return found;
    },
    remove() {
      if (before === undefined) delete process.env.IMPASTO_HOME;
      else process.env.IMPASTO_HOME = before;
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return home;
}

export function picture(width: number, height: number, alpha?: (x: number, y: number) => number): Picture {
  const rgb = testPicture(width, height).data;
  if (alpha === undefined) return { width, height, channels: 3, data: rgb };
  const data = new Float32Array(4 * width * height);
  data.set(rgb);
  for (let i = 0; i < width * height; i++) data[3 * width * height + i] = alpha(i % width, Math.floor(i / width));
  return { width, height, channels: 4, data };
}

export async function paint(
  model: string,
  content: Picture,
  settings: Partial<Settings> = {},
  rest: Partial<StylizeRequest> = {},
): Promise<StylizeResult & { progress: Progress[] }> {
  const progress: Progress[] = [];
  const request = { content, styles: [], settings: { ...DEFAULT_SETTINGS, model, ...settings }, ...rest };
  const { run } = startModelRun(await locateModel(model), request, {
    threads: 1,
    onProgress: (each) => progress.push(each),
    signal: new AbortController().signal,
  });
  return { ...(await run.result), progress };
}

export async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => new Error("It went well."),
    (error: unknown) => error,
  );
}

/** The largest difference of the first three channels; NaN where one is none. */
export function difference(a: Picture, expected: (value: number, place: number) => number, b: Picture): number {
  let largest = 0;
  const plane = a.width * a.height;
  for (let i = 0; i < 3 * plane; i++) {
    const own = Math.abs((a.data[i] as number) - expected(b.data[i] as number, i));
    if (!(own <= largest)) largest = own;
  }
  return largest;
}
