// --save-every: the picture as it stood after every n-th iteration, beside the result: out.png → out-00050.png.

import { readdir } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import type { Snapshot } from "../engine.ts";
import { isSameFile, nameBeside, standingAt } from "../files.ts";
import { writePictureFile } from "../pictures/files.ts";
import type { Terminal } from "./terminal.ts";

/** Goes to the engine as the run's `snapshots`. */
export interface Saver {
  every: number;
  onSnapshot(snapshot: Snapshot): void;
  /** Resolves with the paths when the last one is written; a failure has been told and ended the saving. */
  saved(): Promise<string[]>;
}

/** @param density pixels per inch of the content; null: it does not say */
export async function createSaver(
  { out, force }: { out: string; force: boolean },
  every: number,
  terminal: Terminal,
  density: number | null,
): Promise<Saver> {
  const paths: string[] = [];
  const before = await standingBeside(out);
  let failed = false;
  let saving = Promise.resolve();
  const save = async ({ iteration, picture }: Snapshot): Promise<void> => {
    if (failed) return;
    try {
      const wanted = intermediatePath(out, iteration);
      // What another program put there meanwhile, as the same command in another window, is not lost to this one.
      const isFree = (await standingAt(wanted)) === (before.get(wanted) ?? null);
      const path = isFree ? wanted : await nameBeside(wanted);
      await writePictureFile(path, picture, { force, density });
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
    every,
    onSnapshot: (snapshot) => {
      saving = saving.then(() => save(snapshot));
    },
    saved: async () => {
      await saving;
      return paths;
    },
  };
}

/** The input that the run would write a picture of its way to `out` over, be it through links; undefined: none. */
export async function inputInTheWay(
  inputs: readonly string[],
  out: string,
  every: number,
): Promise<string | undefined> {
  for (const path of await intermediatesOf(out, every)) {
    for (const input of inputs) if (await isSameFile(input, path)) return input;
  }
  return undefined;
}

/** Of runs before this one: what stands where pictures of the way may go. */
async function standingBeside(out: string): Promise<ReadonlyMap<string, string | null>> {
  const standing = new Map<string, string | null>();
  for (const path of await intermediatesOf(out, 1)) standing.set(path, await standingAt(path));
  return standing;
}

/** Where pictures of the way may go and something in the folder has such a number. */
async function intermediatesOf(out: string, every: number): Promise<string[]> {
  const names = await readdir(dirname(out)).catch(() => []);
  const iterations = names.map((name) => Number(/-(\d{5,})$/.exec(basename(name, extname(name)))?.[1] ?? 0));
  const wanted = iterations.filter((iteration) => iteration > 0 && iteration % every === 0);
  return [...new Set(wanted)].map((iteration) => intermediatePath(out, iteration));
}

function intermediatePath(out: string, iteration: number): string {
  const extension = extname(out);
  return join(dirname(out), `${basename(out, extension)}-${String(iteration).padStart(5, "0")}${extension}`);
}
