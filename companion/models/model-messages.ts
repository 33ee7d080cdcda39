// What a model's process and its parent say to each other. Types only.

import type { ErrorBody } from "../protocol/errors.ts";

export const ELEMENT_TYPES = ["float32", "float16", "uint8", "int32", "int64", "float64"] as const;
export type ElementType = (typeof ELEMENT_TYPES)[number];

/** One input or output, as the network declares it. */
export interface TensorFacts {
  name: string;
  /** Null for what is no tensor, or of a type that no picture has. */
  type: ElementType | null;
  /** Null where a side is free. */
  shape: (number | null)[];
}

export interface FileFacts {
  sha256: string;
  bytes: number;
  inputs: TensorFacts[];
  outputs: TensorFacts[];
  looksAtAll: boolean;
  license: string;
  producer: string;
}

/** The file that paints, and the one that reads a style's picture, where there is one. */
export type Part = "main" | "style";

export interface FileToOpen {
  path: string;
  /** What it has to be; null when it is seen for the first time. */
  sha256: string | null;
}

/** Values in 32 bits whatever the network takes: converted on the other side. */
export interface Feed {
  name: string;
  shape: number[];
  data: Float32Array;
}

export interface Output {
  shape: number[];
  data: Float32Array;
}

export type ToModel =
  | { type: "open"; files: Partial<Record<Part, FileToOpen>>; threads: number }
  | { type: "run"; part: Part; feeds: Feed[]; output: string };

/** The most bytes that the process ever held come with each answer. */
export type FromModel =
  | { type: "opened"; facts: Partial<Record<Part, FileFacts>>; peakBytes: number }
  | { type: "ran"; output: Output; peakBytes: number }
  | { type: "refused"; error: ErrorBody };
