// Inside a model's process: opens files that were looked through, and runs them on what the parent sends.

import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { Worker } from "node:worker_threads";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { floatsToHalves, halvesToFloats } from "../networks/half.ts";
import { readBeginning } from "../networks/read-beginning.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { MAX_MODEL_BYTES, modelTooLarge } from "../protocol/models.ts";
import { notOnnx, refuseNoOnnx } from "../protocol/not-onnx.ts";
import {
  ELEMENT_TYPES,
  type ElementType,
  type Feed,
  type FileFacts,
  type FileToOpen,
  type FromModel,
  type Output,
  type Part,
  type TensorFacts,
  type ToModel,
} from "./model-messages.ts";
import { inspectOnnx, looksAtAll } from "./onnx-file.ts";
import type { WatchOrder } from "./watch-over.ts";

interface Opened {
  session: InferenceSession;
  facts: FileFacts;
}

/**
 * Serves until the parent is gone. argv: the parent's process id, and the bytes that may be held.
 * @param entry address of the module that the second thread begins with
 */
export function serveModel(entry: string): void {
  const [parent, limitBytes] = process.argv.slice(2).map(Number);
  const workerData: WatchOrder = { parent: parent ?? 0, limitBytes: limitBytes ?? 0 };
  new Worker(new URL(entry), { workerData }).on("error", leave);
  process.on("disconnect", leave);
  // Ctrl-C in a terminal reaches children too; the parent decides when this one goes.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => undefined);
  const opened = new Map<Part, Opened>();
  process.on("message", (message: ToModel) => {
    perform(message, opened).then(send, (error: unknown) => send({ type: "refused", error: bodyOf(error) }));
  });
}

function leave(): void {
  process.kill(process.pid, "SIGKILL");
}

function send(message: FromModel): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function bodyOf(error: unknown) {
  const known =
    error instanceof ImpastoError
      ? error
      : new ImpastoError("bad-network", `The network failed: ${firstLine(error)}`, { cause: error });
  return known.toBody();
}

/** ONNX Runtime explains itself at length, with paths of the machine on which it was built. */
function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split("\n")[0] ?? "").replace(/\S*\/(?:onnxruntime|core)\/\S*/g, "…").slice(0, 300);
}

async function perform(message: ToModel, opened: Map<Part, Opened>): Promise<FromModel> {
  switch (message.type) {
    case "open": {
      const facts: Partial<Record<Part, FileFacts>> = {};
      for (const part of ["main", "style"] as const) {
        const file = message.files[part];
        if (file === undefined) continue;
        const own = await open(file, message.threads);
        opened.set(part, own);
        facts[part] = own.facts;
      }
      return { type: "opened", facts, peakBytes: peakBytes() };
    }
    case "run": {
      const own = opened.get(message.part);
      if (own === undefined) throw new Error("There is no such part.");
      const output = await run(own, message.feeds, message.output);
      return { type: "ran", output, peakBytes: peakBytes() };
    }
  }
}

function peakBytes(): number {
  return Math.max(process.resourceUsage().maxRSS * 1024, process.memoryUsage.rss());
}

async function open({ path, sha256 }: FileToOpen, threads: number): Promise<Opened> {
  const name = basename(path);
  const beginning = await readBeginning(path);
  refuseNoOnnx(beginning, name);
  const { size } = await stat(path);
  if (size > MAX_MODEL_BYTES) throw modelTooLarge(name);
  const bytes = await readFile(path);
  const hash = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== null && hash !== sha256) {
    throw new ImpastoError(
      "hash-mismatch",
      `The stored network ${name} is not what was stored: the file has changed.`,
      {
        hint: "Remove it and bring it in again: impasto models remove, then impasto models import.",
      },
    );
  }
  const onnx = (() => {
    try {
      return inspectOnnx(bytes, name);
    } catch (error) {
      throw error instanceof ImpastoError ? error : notOnnx(beginning, name, error);
    }
  })();
  const session = await InferenceSession.create(bytes, {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    logSeverityLevel: 4,
  }).catch((cause: unknown) => {
    throw new ImpastoError("bad-network", `${name} cannot be opened: ${firstLine(cause)}`, {
      hint: "It may be damaged, or made for a newer ONNX Runtime.",
      cause,
    });
  });
  const { license, producer } = onnx;
  const facts: FileFacts = {
    sha256: hash,
    bytes: bytes.length,
    inputs: session.inputMetadata.map(factsOf),
    outputs: session.outputMetadata.map(factsOf),
    looksAtAll: looksAtAll(onnx),
    license,
    producer,
  };
  return { session, facts };
}

function factsOf(metadata: InferenceSession.ValueMetadata): TensorFacts {
  const { name } = metadata;
  if (!metadata.isTensor) return { name, type: null, shape: [] };
  const type = ELEMENT_TYPES.find((known) => known === metadata.type) ?? null;
  return { name, type, shape: metadata.shape.map((side) => (typeof side === "number" ? side : null)) };
}

async function run({ session, facts }: Opened, feeds: readonly Feed[], output: string): Promise<Output> {
  const tensors = Object.fromEntries(
    feeds.map(({ name, shape, data }) => {
      const type = facts.inputs.find((input) => input.name === name)?.type ?? "float32";
      return [name, toTensor(type, data, shape)];
    }),
  );
  const results = await session.run(tensors, [output]);
  const result = results[output];
  if (result === undefined) throw new Error("There is no such output.");
  const answer = { shape: [...result.dims], data: toFloats(result) };
  result.dispose();
  return answer;
}

function toTensor(type: ElementType, data: Float32Array, shape: readonly number[]): Tensor {
  switch (type) {
    case "float32":
      return new Tensor("float32", data, shape);
    case "float16":
      return new Tensor("float16", floatsToHalves(data), shape);
    case "float64":
      return new Tensor("float64", Float64Array.from(data), shape);
    case "uint8":
      return new Tensor(
        "uint8",
        Uint8Array.from(data, (value) => Math.round(Math.min(255, Math.max(0, value)))),
        shape,
      );
    case "int32":
      return new Tensor("int32", Int32Array.from(data, Math.round), shape);
    case "int64":
      return new Tensor("int64", BigInt64Array.from([...data].map((value) => BigInt(Math.round(value)))), shape);
  }
}

function toFloats({ type, data }: Tensor): Float32Array {
  if (data instanceof Float32Array) return Float32Array.from(data);
  if (data instanceof Uint16Array) {
    return type === "float16" ? halvesToFloats(data) : Float32Array.from(data);
  }
  // Where the runtime has an array type of its own for 16 bits.
  if (type === "float16") return Float32Array.from(data as unknown as ArrayLike<number>);
  if (data instanceof Float64Array || data instanceof Uint8Array || data instanceof Int32Array)
    return Float32Array.from(data);
  if (data instanceof BigInt64Array) return Float32Array.from(data, Number);
  throw new ImpastoError("bad-network", `The network answers with ${type}, which is no picture.`);
}
