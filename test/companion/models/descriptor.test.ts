// What is read off a network's file alone, before anything is tried.

import { expect, test } from "vitest";
import { draftDescriptor } from "../../../companion/models/descriptor.ts";
import type { FileFacts, TensorFacts } from "../../../companion/models/model-messages.ts";

function draft(input: Partial<TensorFacts>) {
  const x: TensorFacts = { name: "x", type: "float32", shape: [1, 3, null, null], ...input };
  const facts: FileFacts = {
    ...{ sha256: "", bytes: 0, looksAtAll: false, license: "", producer: "" },
    ...{ inputs: [x], outputs: [{ ...x, name: "y" }] },
  };
  return draftDescriptor(facts, null, {}, "painter.onnx");
}

test("a network that takes several pictures at a time takes none as Impasto has them", () => {
  expect(() => draft({ shape: [4, 3, null, null] })).toThrow("painter.onnx takes no picture of three channels.");
  expect(draft({ shape: [null, 3, null, null] }).descriptor.content.layout).toBe("nchw");
});

test("bytes go from 0 to 255, other numbers from 0 to 1 until they are tried", () => {
  expect(draft({ type: "uint8" }).descriptor.content.range).toEqual([0, 255]);
  expect(draft({ type: "float32" }).descriptor.content.range).toEqual([0, 1]);
});
