// Networks of others as clients bring, list and remove them. What comes in is put on the disk within a limit and looked
// through by the engine child, which opens it in a process of its own; nothing of it is kept unless all went well.

import { basename } from "node:path";
import type { Readable } from "node:stream";
import { parseGiven } from "../models/descriptor.ts";
import { listModels, readModel, removeModel, storeModel } from "../models/store.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { MAX_MODEL_BYTES, type Model, ModelSchema, type NewModel } from "../protocol/models.ts";
import { BEGINNING_BYTES } from "../protocol/network-beginnings.ts";
import { refuseNoOnnx } from "../protocol/not-onnx.ts";
import type { DiskSpace } from "../storage/disk-space.ts";
import { createDurably, temporaryPath } from "../storage/durable-file.ts";
import { type FileSystem, storageError } from "../storage/file-system.ts";
import { isOf } from "../supervisor/parse-message.ts";
import type { EngineSupervisor } from "../supervisor/supervisor.ts";

export class ModelsDesk {
  readonly #supervisor: EngineSupervisor;
  readonly #fileSystem: FileSystem;
  readonly #space: DiskSpace;
  readonly #temporaryFolder: string;
  /** One at a time: each may hold half a gigabyte of disk, and more of memory while it is tried. */
  #adding = false;

  constructor(supervisor: EngineSupervisor, fileSystem: FileSystem, space: DiskSpace, temporaryFolder: string) {
    this.#supervisor = supervisor;
    this.#fileSystem = fileSystem;
    this.#space = space;
    this.#temporaryFolder = temporaryFolder;
  }

  list(): Promise<Model[]> {
    return listModels();
  }

  /** Errors: as JobService.addModel. */
  async add(
    { name, descriptor }: NewModel,
    stream: Readable,
    { declaredBytes, signal }: { declaredBytes: number | undefined; signal: AbortSignal },
  ): Promise<Model> {
    stream.on("error", () => undefined);
    const given = parseGiven(readDescriptor(descriptor), "the descriptor");
    if ((await readModel(name)) !== null) {
      throw new ImpastoError("conflict", `There is a model named ${name} already.`, {
        hint: "Give this one another name, or remove the other first.",
      });
    }
    if (this.#adding) {
      throw new ImpastoError("busy", "Another model is being looked through.", { hint: "Try again in a moment." });
    }
    this.#adding = true;
    const file = temporaryPath(this.#temporaryFolder);
    try {
      await this.#space.ensure(declaredBytes ?? 0, "this model");
      await createDurably(this.#fileSystem, file, within(stream, name));
      const model = await this.#supervisor.examineModel({ file, name, given }, signal);
      if (!isOf(ModelSchema, model)) throw new ImpastoError("internal", "The engine gave a strange answer.");
      await storeModel(model, { main: file });
      return model;
    } catch (error) {
      throw withName(storageError(error, "storing a model"), basename(file), name);
    } finally {
      this.#adding = false;
      await this.#fileSystem.remove(file).catch(() => undefined);
    }
  }

  remove(name: string): Promise<void> {
    return removeModel(name);
  }
}

function readDescriptor(text: string | undefined): unknown {
  if (text === undefined) return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ImpastoError("bad-request", "The descriptor is not valid JSON.", { cause });
  }
}

/** The file on this disk is nobody's business: it is called as the sender calls it. */
function withName(error: ImpastoError, file: string, name: string): ImpastoError {
  const { code, message, hint, cause } = error;
  return new ImpastoError(code, message.replaceAll(file, name), { hint: hint?.replaceAll(file, name), cause });
}

/** Ends as soon as it is too much, or is seen to be no ONNX. */
async function* within(stream: AsyncIterable<Uint8Array>, name: string): AsyncIterable<Uint8Array> {
  let bytes = 0;
  let beginning: Uint8Array = new Uint8Array();
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > MAX_MODEL_BYTES) {
      throw new ImpastoError("payload-too-large", `A model may have ${MAX_MODEL_BYTES / 1024 ** 2} MiB.`);
    }
    if (beginning.length < BEGINNING_BYTES) {
      beginning = Buffer.concat([beginning, chunk]);
      if (beginning.length >= BEGINNING_BYTES) refuseNoOnnx(beginning, name);
    }
    yield chunk;
  }
}
