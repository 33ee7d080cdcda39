// What to say of a file that is no ONNX: what it is, and how the same network becomes one.

import { ImpastoError } from "./errors.ts";
import { foreignNetwork, isHdf5, isSafetensors, type Maker } from "./network-beginnings.ts";

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
export function notOnnx(beginning: Uint8Array, name: string, cause?: unknown): ImpastoError {
  const kind = kindOf(beginning);
  if (kind === null || kind.maker === "onnx") {
    return new ImpastoError("bad-network", `${name} cannot be read as an ONNX network.`, { hint: HOW.onnx, cause });
  }
  const hint = kind.maker === undefined ? "Networks come in as .onnx files: export it as one." : HOW[kind.maker];
  return new ImpastoError("bad-network", `${name} is ${kind.what}.`, { hint, cause });
}

/** First bytes of the fields that an ONNX file may begin with (onnx/onnx.proto3, ModelProto). */
const ONNX_FIELDS = [0x08, 0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72, 0xa2, 0xca];

/**
 * What its beginning alone tells: no more of it has to be read, or sent. Others are looked through whole.
 * @throws ImpastoError("bad-network")
 */
export function refuseNoOnnx(beginning: Uint8Array, name: string): void {
  const [first] = beginning;
  if (first !== undefined && ONNX_FIELDS.includes(first)) return;
  if (kindOf(beginning) !== null) throw notOnnx(beginning, name);
}

function kindOf(beginning: Uint8Array): { what: string; maker?: Maker } | null {
  if (isHdf5(beginning)) return { what: "Keras' HDF5", maker: "keras" };
  if (isSafetensors(beginning)) return { what: "a safetensors file: numbers without the network they belong to" };
  return foreignNetwork(beginning);
}
