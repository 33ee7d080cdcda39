// What to say of a file that is no ONNX: what it is, and how the same network becomes one.

import { type Maker, nameForeign } from "../networks/foreign-file.ts";
import { ImpastoError } from "../protocol/errors.ts";

const HOW: Record<Maker, string> = {
  torch:
    "Load it in Python with the code that it belongs to, then torch.onnx.export(network, example, 'network.onnx').",
  "lua-torch":
    "Load it in Python with torchfile and the same network in PyTorch, then torch.onnx.export(network, example, 'network.onnx').",
  keras: "Convert it: pip install tf2onnx, then python -m tf2onnx.convert --keras FILE --output network.onnx.",
  tensorflow:
    "Convert it: pip install tf2onnx, then python -m tf2onnx.convert --saved-model FOLDER --output network.onnx.",
  tflite: "Convert it: pip install tf2onnx, then python -m tf2onnx.convert --tflite FILE --output network.onnx.",
  caffe:
    "Load it in PyTorch with the code that it belongs to, then torch.onnx.export(network, example, 'network.onnx').",
  coreml: "Take the network that it was converted from and export that as ONNX.",
  onnx: "It is damaged: get or export it again.",
};

/** @param beginning of the file, BEGINNING_BYTES of it or all. @param name for messages */
export function notOnnx(beginning: Uint8Array, name: string, cause: unknown): ImpastoError {
  const kind = nameForeign(beginning);
  if (kind === null || kind.maker === "onnx") {
    return new ImpastoError("bad-network", `${name} cannot be read as an ONNX network.`, { hint: HOW.onnx, cause });
  }
  const hint = kind.maker === undefined ? "Networks come in as .onnx files: export it as one." : HOW[kind.maker];
  return new ImpastoError("bad-network", `${name} is ${kind.what}.`, { hint, cause });
}
