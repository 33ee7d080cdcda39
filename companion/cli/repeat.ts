// stylize --recipe: makes a result again as its recipe says, from the same pictures, on the same device.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, extname, join } from "node:path";
import { engineInfo } from "../engine.ts";
import { fileName, readFileWhole, writeFileWhole } from "../files.ts";
import { type FollowedRecipe, requireRecipe } from "../jobs/read-recipe.ts";
import { newId } from "../jobs/submit-once.ts";
import { examineModel } from "../models/import-model.ts";
import { locateModel } from "../models/locate.ts";
import type { LocatedModel } from "../models/model-run.ts";
import { listModels } from "../models/store.ts";
import { isPath, type LocatedNetwork, locateNetwork } from "../networks/locate.ts";
import { hashFile } from "../networks/store.ts";
import { ImpastoError } from "../protocol/errors.ts";
import type { Recipe } from "../protocol/recipe.ts";
import { mapPicturesInTurn, picturesOf, ROLE_NAMES } from "../protocol/request.ts";
import type { PictureRef } from "../protocol/request-schema.ts";
import type { Settings } from "../protocol/settings.ts";
import { isStdout } from "../standard-streams.ts";
import { dataPaths, folders } from "../storage/data-folder.ts";
import { realFileSystem } from "../storage/file-system.ts";
import type { ChildEngine } from "../supervisor/child-engine.ts";
import { ChildJob } from "../supervisor/child-job.ts";
import type { Finished, FromChild, PictureFile, RunOrder } from "../supervisor/messages.ts";
import { nativeEngine, nativeEngineOn } from "../supervisor/native-engine.ts";
import { writeStdout } from "../write-stdout.ts";
import { watchInterrupts } from "./interrupts.ts";
import { openProgressView } from "./progress.ts";
import { spareInputs } from "./spare-inputs.ts";
import type { Terminal } from "./terminal.ts";

export interface RepeatReport {
  out: string;
  sha256: string;
  /** The file is the recipe's own, byte for byte. */
  identical: boolean;
  width: number;
  height: number;
  seconds: number;
}

export interface GivenFiles {
  pictures: readonly string[];
  network?: string;
  /** Of a network of others, where it is not among the stored ones. */
  model?: string;
}

/**
 * @param recipePath a PNG that carries a recipe
 * @param given files that may be its inputs, and its network; others are looked for beside it and among the companion's
 * @throws ImpastoError
 */
export async function repeatRecipe(
  recipePath: string,
  given: GivenFiles,
  { path: out, force }: { path: string; force: boolean },
  terminal: Terminal,
  quiet: boolean,
): Promise<RepeatReport> {
  if (!isStdout(out) && extname(out).toLowerCase() !== ".png") {
    throw new ImpastoError("bad-request", "A repeated result is a PNG.", { hint: "End the name in .png." });
  }
  const { pictures } = given;
  const original = await readFileWhole(recipePath);
  const followed = requireRecipe(original, fileName(recipePath));
  const { recipe } = followed;
  if (recipe.follows) {
    throw new ImpastoError("bad-request", "This is a frame of a sequence, and begins from the frame before it.", {
      hint: "Make the whole sequence again: impasto sequence.",
    });
  }
  for (const note of doubts(recipe)) terminal.note(note);
  const folder = await mkdtemp(join(tmpdir(), "impasto-"));
  try {
    const order = await orderOf(followed, recipePath, pictures, folder);
    await refuseToReplace(out, [
      recipePath,
      ...pictures,
      ...picturesOf(order.request).map(({ picture }) => picture.path),
    ]);
    const finished = await run(order, await engineFor(followed, given, dirname(recipePath)), quiet);
    for (const name of otherNetworks(recipe, finished.recipe)) {
      terminal.note(`The network ${name} is another one now, so the picture differs.`);
    }
    const bytes = await readFile(finished.path);
    if (isStdout(out)) await writeStdout(bytes);
    else await writeFileWhole(out, bytes, { force });
    const { sha256, width, height, seconds } = finished;
    return { out, sha256, identical: bytes.equals(original), width, height, seconds };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function refuseToReplace(out: string, inputs: readonly string[]): Promise<void> {
  if (!isStdout(out)) await spareInputs([out], inputs);
}

/** Why the bytes may differ. */
function doubts(recipe: Recipe): string[] {
  const notes: string[] = [];
  if (recipe.resumed) notes.push("That run was interrupted and resumed; small differences are possible.");
  if (recipe.changes.length > 0 || recipe.stopped) {
    notes.push(
      "That run was changed or ended by hand. The engine takes a change between two iterations and the recipe has the " +
        "last one that was reported before, so the repetition may take it some iterations off: small differences are possible.",
    );
  }
  const here = nativeEngine.versions();
  const changed = Object.keys(recipe.versions).filter((name) => recipe.versions[name] !== here[name]);
  if (changed.length > 0) notes.push(`Other versions now (${changed.join(", ")}); small differences are possible.`);
  return notes;
}

/** By their hashes: the names of those that have changed since. */
function otherNetworks(recipe: Recipe, now: Recipe): string[] {
  const networksOf = ({ network, painter }: Recipe) => [network, painter?.network, painter?.detailer];
  const known = new Set(networksOf(now).map((network) => network?.sha256));
  const others = networksOf(recipe).filter((network) => network !== undefined && !known.has(network.sha256));
  return [...new Set(others.map((network) => network?.name ?? ""))];
}

async function orderOf(
  { recipe, settings }: FollowedRecipe,
  recipePath: string,
  pictures: readonly string[],
  folder: string,
): Promise<RunOrder> {
  const given = new Map<string, string>();
  for (const path of pictures) given.set(await hashFile(path, "sha256").catch(() => ""), path);
  const asked = { ...recipe.inputs, settings: recipe.settings };
  return {
    job: newId(),
    attempt: 1,
    request: await mapPicturesInTurn(asked, (ref: PictureRef, role) =>
      findPicture(ref, ROLE_NAMES[role], given, dirname(recipePath)),
    ),
    overrides: {
      ...{ device: settings.device, threads: settings.threads, network: settings.network },
      // As it was begun, whatever would be the way to begin it now.
      init: settings.init ?? (recipe.painter === undefined ? "content" : "quick"),
      modelTile: settings.modelTile,
    },
    changes: [],
    stop: false,
    repeat: { changes: recipe.changes, stopAt: recipe.stopped ? recipe.iterations : null },
    checkpointPath: join(folder, "checkpoint"),
    temporaryFolder: folder,
  };
}

/** By its hash: among the given files, beside the recipe under its name, among the companion's pictures. */
async function findPicture(
  ref: PictureRef,
  role: string,
  given: ReadonlyMap<string, string>,
  folder: string,
): Promise<PictureFile> {
  const { sha256, name } = ref;
  const blob = join(dataPaths(folders().data).blobs, sha256.slice(0, 2), sha256);
  const places = [
    given.get(sha256),
    ...(name === undefined ? [] : [join(folder, basename(name)), basename(name)]),
    blob,
  ];
  for (const path of places) {
    if (path === undefined) continue;
    if ((await hashFile(path, "sha256").catch(() => null)) === sha256) return { path, name: name ?? role, ref };
  }
  throw new ImpastoError("file-not-found", `${role}${name === undefined ? "" : `, ${name},`} is not here.`, {
    hint: "Name the pictures that the result was made from: impasto stylize CONTENT STYLE --recipe FILE -o OUT.",
  });
}

/** With the network or the model that the recipe names. */
async function engineFor(
  { recipe, settings }: FollowedRecipe,
  given: GivenFiles,
  folder: string,
): Promise<ChildEngine> {
  if (recipe.model !== undefined) {
    const model = await findModel(recipe.model, given.model, folder);
    return nativeEngineOn(
      ({ network, quality }) => locateNetwork(network, quality),
      async () => model,
    );
  }
  if (recipe.network === undefined) {
    throw new ImpastoError("bad-picture", "The recipe does not say which network made it.");
  }
  const network = await findNetwork(recipe.network, settings, given.network, folder);
  return nativeEngineOn(async () => network);
}

/** By its name, or, where that was a file, by its hash: the given one, or one of that name beside the recipe. */
async function findNetwork(
  { name, sha256 }: NonNullable<Recipe["network"]>,
  settings: Settings,
  given: string | undefined,
  folder: string,
): Promise<LocatedNetwork> {
  const file = name.split(/[/\\]/).at(-1) ?? name;
  if (given !== undefined) {
    const { path } = await locateNetwork(given, settings.quality, { allowPath: true });
    if ((await hashFile(path, "sha256")) === sha256) return { name, path };
    throw new ImpastoError("bad-request", `${given} is not the network that the result was made with, ${file}.`, {
      hint: "Name the very same file with --network FILE, or leave --network out.",
    });
  }
  if (!isPath(name)) return await locateNetwork(name, settings.quality);
  for (const path of [join(folder, file), file]) {
    if ((await hashFile(path, "sha256").catch(() => null)) === sha256) return { name, path };
  }
  throw new ImpastoError("file-not-found", `The network that the result was made with, ${file}, is not here.`, {
    hint: "Name its file: --network FILE.",
  });
}

/** By its hash alone: among the stored ones, the given file, or one of its name beside the recipe. */
async function findModel(
  { name, sha256, styleSha256, descriptor }: NonNullable<Recipe["model"]>,
  given: string | undefined,
  folder: string,
): Promise<LocatedModel> {
  const stored = (await listModels()).find((own) => own.sha256 === sha256 && own.styleSha256 === styleSha256);
  if (stored !== undefined) {
    const located = await locateModel(stored.name);
    return { ...located, model: { ...located.model, name, descriptor } };
  }
  const named = given ?? join(folder, `${name}.onnx`);
  const isIt = (await hashFile(named, "sha256").catch(() => null)) === sha256;
  if (isIt && styleSha256 === null) {
    const source = { file: named, name, given: descriptor, threads: engineInfo().threads };
    return { model: { ...(await examineModel(source)), descriptor }, files: { main: named } };
  }
  throw new ImpastoError("file-not-found", `The model that the result was made with, ${name}, is not here.`, {
    hint: "Name its file with --model FILE.onnx, or bring it in: impasto models import FILE.onnx.",
  });
}

async function run(order: RunOrder, engine: ChildEngine, quiet: boolean): Promise<Finished> {
  const view = openProgressView(process.stderr, quiet);
  let finished: Finished | null = null;
  let failure: ImpastoError | null = null;
  function hear(message: FromChild): void {
    if (message.type === "progress") view.update(message.progress);
    if (message.type === "finished") finished = message;
    if (message.type === "failed") failure = ImpastoError.fromBody(message.error);
  }
  const job = new ChildJob(order, engine, realFileSystem, hear);
  const interrupts = watchInterrupts(() => job.cancel());
  try {
    await job.work();
  } finally {
    view.end();
    interrupts.release();
  }
  if (failure !== null) throw failure;
  if (finished === null) throw new ImpastoError("cancelled", "Interrupted.");
  return finished;
}
