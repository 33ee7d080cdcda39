// Networks of others in the companion: which there are, another one on its way in, and one that goes.

import { MAX_MODEL_BYTES, modelTooLarge } from "../../../companion/protocol/models.ts";
import { BEGINNING_BYTES } from "../../../companion/protocol/network-beginnings.ts";
import { refuseNoOnnx } from "../../../companion/protocol/not-onnx.ts";
import type { ModelShelf } from "../style-engine.ts";
import type { CompanionHttp } from "./http.ts";

/** Until the answer: half a gigabyte is sent, opened and tried, on a machine that may be at work. */
const ADD_TIMEOUT_MS = 600_000;

export function createModelShelf(http: () => CompanionHttp): ModelShelf {
  return {
    list: async () => (await http().json("models")).models,
    async add(file, name, { onSent, signal }) {
      if (file.size > MAX_MODEL_BYTES) throw modelTooLarge(file.name);
      refuseNoOnnx(new Uint8Array(await file.slice(0, BEGINNING_BYTES).arrayBuffer()), file.name);
      const sent = { content: file, onSent };
      return await http().json("modelAdd", { query: { name }, file: sent, signal, timeoutMs: ADD_TIMEOUT_MS });
    },
    remove: (name) => http().send("modelDelete", { params: { name } }),
  };
}
