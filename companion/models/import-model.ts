// Brings a network of others in: looked through, opened, tried, and kept with what was found.

import { basename, resolve } from "node:path";
import { isPlainName, plainNameOf } from "../plain-name.ts";
import { ImpastoError } from "../protocol/errors.ts";
import type { Model } from "../protocol/models.ts";
import { draftDescriptor, type GivenDescriptor } from "./descriptor.ts";
import { importLimitBytes } from "./memory.ts";
import { ModelProcess } from "./model-process.ts";
import { probe } from "./probe.ts";
import { modelPaths, storeModel } from "./store.ts";

export interface ModelSource {
  file: string;
  /** The file that reads a style's picture, for networks that come in two. */
  styleFile?: string | undefined;
  /** Where absent: the file's own name, as a plain one. */
  name?: string | undefined;
  given: GivenDescriptor;
  threads: number;
}

/**
 * Opens and tries it; keeps nothing.
 * Throws ImpastoError: file-not-found, file-not-readable, bad-network, bad-request, out-of-memory, engine-crashed;
 * "cancelled" after the signal aborted.
 */
export async function examineModel(
  { file, styleFile, name, given, threads }: ModelSource,
  signal?: AbortSignal,
): Promise<Model> {
  const ownName = name ?? nameOf(file);
  modelPaths(ownName);
  const fileName = basename(file);
  const files = {
    main: { path: resolve(file), sha256: null },
    style: styleFile === undefined ? undefined : { path: resolve(styleFile), sha256: null },
  };
  const process = await ModelProcess.open(files, { threads, limitBytes: importLimitBytes(), signal });
  try {
    const { main, style } = process.facts;
    const draft = draftDescriptor(main, style, given, fileName);
    return {
      name: ownName,
      sha256: main.sha256,
      styleSha256: style?.sha256 ?? null,
      bytes: main.bytes + (style?.bytes ?? 0),
      looksAtAll: main.looksAtAll,
      ...(await probe(process, draft, fileName)),
    };
  } finally {
    process.close();
  }
}

/** Keeps what was examined. Throws ImpastoError: disk-full, file-not-writable. */
export async function keepModel(
  model: Model,
  { file, styleFile }: Pick<ModelSource, "file" | "styleFile">,
): Promise<void> {
  await storeModel(model, { main: resolve(file), style: styleFile === undefined ? undefined : resolve(styleFile) });
}

function nameOf(file: string): string {
  const name = plainNameOf(file).slice(0, 64);
  if (isPlainName(name)) return name;
  throw new ImpastoError("bad-request", `The name of ${basename(file)} has nothing to call the network by.`, {
    hint: "Give it one with --name NAME.",
  });
}
