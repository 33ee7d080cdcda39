// Files that are no pictures for the document: what the panel itself takes when they are picked or dropped.

import { STYLE_FILE_ENDING } from "../companion/protocol/style-segments.ts";

/** ONNX, and what is refused with a word on how it becomes one. */
export const MODEL_ENDINGS = [".onnx", ".pth", ".pt", ".t7", ".h5", ".keras", ".tflite", ".pb"] as const;

export function isModelFile({ name }: { name: string }): boolean {
  return MODEL_ENDINGS.some((ending) => name.toLowerCase().endsWith(ending));
}

export function isPanelFile(file: { name: string }): boolean {
  return file.name.toLowerCase().endsWith(STYLE_FILE_ENDING) || isModelFile(file);
}
