// A network of others on its way from the panel to the companion.

import { expect, test } from "vitest";
import type { CompanionHttp } from "../../../ui/engines/companion/http.ts";
import { createModelShelf } from "../../../ui/engines/companion/model-shelf.ts";

const options = { onSent: () => {}, signal: new AbortController().signal };

/** Notes what is sent. */
function shelf() {
  const sent: string[] = [];
  const http = { json: async (route: string) => sent.push(route) } as unknown as CompanionHttp;
  return { sent, models: createModelShelf(() => http) };
}

test.each([
  ["a.pth", `${"PK\x03\x04".padEnd(30, "\0")}archive/data.pkl`, /^a\.pth is PyTorch's/, /torch\.onnx\.export/],
  ["b.onnx", "\x80\x02}q", /^b\.onnx is a pickle/, /torch\.onnx\.export/],
  ["c.t7", "\x04\0\0\0\x01\0\0\0", /Lua Torch/, /torchfile/],
  ["d.h5", "\x89HDF\r\n\x1a\n", /Keras' HDF5/, /tf2onnx/],
  ["e.tflite", "\x1c\0\0\0TFL3", /TensorFlow Lite/, /tf2onnx/],
])("EXPECTED FAILURE - %s is refused by its first bytes, before anything is sent", async (name, begins, what, hint) => {
  const { sent, models } = shelf();
  const file = new File([Buffer.from(begins, "latin1"), new Uint8Array(4096)], name);
  await expect(models.add(file, "x", options)).rejects.toMatchObject({
    code: "bad-network",
    message: expect.stringMatching(what),
    hint: expect.stringMatching(hint),
  });
  expect(sent).toEqual([]);
});

test("what begins as an ONNX file may is sent, whatever else it may be", async () => {
  const { sent, models } = shelf();
  for (const begins of ["\x08\x07\x12\x07pytorch", "\x08\x01\x12", "\x12\x04test", "\x3a\x10", "unknown\x01"]) {
    await models.add(new File([Buffer.from(begins, "latin1"), new Uint8Array(4096)], "a.onnx"), "x", options);
  }
  expect(sent).toEqual(Array.from({ length: 5 }, () => "modelAdd"));
});
