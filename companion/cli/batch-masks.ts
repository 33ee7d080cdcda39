// The masks of a batch: one for all frames, or, of what is protected, one for each frame by its name.

import { stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { ImpastoError } from "../protocol/errors.ts";
import { expand, type FrameMasks, type InputFile, readInput, readInputs } from "./batch-plan.ts";
import { type MaskFlags, styleMasks } from "./mask-flags.ts";

export type MasksOf = (content: InputFile, style: number) => FrameMasks;

/** Reads them all. A single --region or --source holds for every style. */
export async function readMasks(flags: MaskFlags, styles: readonly InputFile[]): Promise<MasksOf> {
  const { regions, sources } = styleMasks(
    { ...flags, ...forAll("region", flags, styles), ...forAll("source", flags, styles) },
    styles.map(({ path }) => path),
  );
  const region = await readEach(regions);
  const source = await readEach(sources);
  const protect = flags.protect === undefined ? () => null : await readProtect(flags.protect);
  return (content, style) => {
    const masks = { region: region[style] ?? null, source: source[style] ?? null, protect: protect(content) };
    return Object.fromEntries(Object.entries(masks).filter(([, mask]) => mask !== null));
  };
}

function forAll(name: "region" | "source", flags: MaskFlags, styles: readonly unknown[]): MaskFlags {
  const [only, ...others] = flags[name] ?? [];
  return only === undefined || others.length > 0 ? {} : { [name]: styles.map(() => only) };
}

async function readEach(paths: readonly (string | null)[] = []): Promise<(InputFile | null)[]> {
  const masks: (InputFile | null)[] = [];
  for (const path of paths) masks.push(path === null ? null : await readMask(path));
  return masks;
}

async function readMask(path: string): Promise<InputFile> {
  const { bytes: _, ...mask } = await readInput(path);
  return mask;
}

/** A file for all frames; of a folder, the one with the frame's name, whatever its ending. */
async function readProtect(path: string): Promise<(content: InputFile) => InputFile | null> {
  const stats = await stat(path).catch(() => null);
  if (stats?.isDirectory() !== true) {
    const mask = await readMask(path);
    return () => mask;
  }
  const masks = new Map<string, InputFile>();
  for (const mask of await readInputs(await expand([path]))) {
    const stem = stemOf(mask.name);
    if (masks.has(stem)) {
      throw new ImpastoError("bad-request", `${path} has two masks called ${stem}.`, { hint: "Keep one of them." });
    }
    masks.set(stem, mask);
  }
  return ({ name }) => masks.get(stemOf(name)) ?? null;
}

function stemOf(name: string): string {
  return basename(name, extname(name)).toLowerCase();
}
