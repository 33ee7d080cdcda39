// The user's networks of others: NAME.onnx and NAME.json beside it, which holds what is known of it; NAME.style.onnx
// where a second file reads the style.

import { copyFile, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Value } from "typebox/value";
import { writeError, writeFileWhole } from "../files.ts";
import { isPlainName, requireNetworkName } from "../plain-name.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { type Model, ModelSchema } from "../protocol/models.ts";
import { dataPaths, folders } from "../storage/data-folder.ts";

export interface ModelPaths {
  main: string;
  style: string;
  record: string;
}

/** Throws ImpastoError: "bad-request" for what is no name, "file-not-writable" where there is no place for data. */
export function modelPaths(name: string): ModelPaths {
  requireNetworkName(name);
  const folder = dataPaths(folders().data).models;
  return {
    main: join(folder, `${name}.onnx`),
    style: join(folder, `${name}.style.onnx`),
    record: join(folder, `${name}.json`),
  };
}

/** By name; what somebody else put there is none of ours. */
export async function listModels(): Promise<Model[]> {
  const files = await readdir(dataPaths(folders().data).models).catch(() => []);
  const names = files.filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -".json".length));
  const models = await Promise.all(names.filter(isPlainName).sort().map(readModel));
  return models.filter((model) => model !== null);
}

/** Null when there is none of that name. */
export async function readModel(name: string): Promise<Model | null> {
  try {
    const record: unknown = JSON.parse(await readFile(modelPaths(name).record, "utf8"));
    return Value.Check(ModelSchema, record) && record.name === name ? record : null;
  } catch (error) {
    if (error instanceof ImpastoError) throw error;
    return null;
  }
}

/** Throws ImpastoError("network-unknown") that lists those that are there. */
export async function requireModel(name: string): Promise<Model> {
  const model = isPlainName(name) ? await readModel(name) : null;
  if (model !== null) return model;
  const names = (await listModels()).map((known) => known.name);
  throw new ImpastoError("network-unknown", `There is no model named ${JSON.stringify(name)}.`, {
    hint:
      names.length === 0
        ? "Bring one in first: impasto models import FILE.onnx."
        : `Models are: ${names.join(", ")}. Another one comes in with impasto models import FILE.onnx.`,
  });
}

/** Copies the files and writes the record last, so that nothing half-way counts. Throws disk-full, file-not-writable. */
export async function storeModel(model: Model, files: { main: string; style?: string | undefined }): Promise<void> {
  const paths = modelPaths(model.name);
  try {
    await mkdir(dataPaths(folders().data).models, { recursive: true, mode: 0o700 });
    await rm(paths.record, { force: true });
    await copyFile(files.main, paths.main);
    if (files.style === undefined) await rm(paths.style, { force: true });
    else await copyFile(files.style, paths.style);
  } catch (error) {
    throw writeError(paths.main, error);
  }
  await writeRecord(model);
}

async function writeRecord(model: Model): Promise<void> {
  await writeFileWhole(modelPaths(model.name).record, Buffer.from(`${JSON.stringify(model, null, 2)}\n`));
}

/** Throws ImpastoError("network-unknown"). */
export async function removeModel(name: string): Promise<void> {
  const { record, main, style } = modelPaths(name);
  const there = await Promise.all([record, main].map((path) => stat(path).catch(() => null)));
  if (there.every((stats) => stats === null)) await requireModel(name);
  try {
    for (const path of [record, main, style]) await rm(path, { force: true });
  } catch (error) {
    throw writeError(main, error);
  }
}
