// Reads the convolutions of a Keras weights file (HDF5) through h5wasm, following the file's own index: the attribute
// `layer_names` lists the layers in order, each layer's `weight_names` its arrays. No pickle, no link to another file.

import { Dataset, File, Group, ready } from "h5wasm/node";
import { refuseArchitecture } from "./architecture.ts";
import { badFile, hasNonFinite, type Tensor } from "./safetensors.ts";

export interface KerasConvolution {
  /** The layer's name in the file, e.g. "block1_conv1". */
  name: string;
  /** [height, width, in, out] */
  kernel: Tensor;
  /** [out] */
  bias: Tensor;
}

/** The layers with a four-dimensional kernel, in the file's order. Throws ImpastoError("bad-network"). */
export async function readKerasConvolutions(path: string): Promise<KerasConvolution[]> {
  const library = await ready;
  library.activate_throwing_error_handler(); // otherwise the library prints its error stack
  let file: File;
  try {
    file = new File(path, "r");
  } catch (cause) {
    throw badFile("it is not a readable HDF5 file", cause);
  }
  try {
    return readLayers(file);
  } catch (cause) {
    // h5wasm reports a truncated or damaged file by throwing plain errors from within the library.
    if (cause instanceof Error && cause.name === "ImpastoError") throw cause;
    throw badFile("its HDF5 structure is damaged", cause);
  } finally {
    file.close();
  }
}

function readLayers(file: File): KerasConvolution[] {
  // model.save() puts the weights one group deeper than model.save_weights().
  const root = "layer_names" in file.attrs ? file : file.get("model_weights");
  if (!(root instanceof Group)) throw badFile("it has no attribute layer_names, so it is no Keras weights file");
  const convolutions: KerasConvolution[] = [];
  const names = readNames(root, "layer_names");
  refuseArchitecture(names);
  for (const name of names) {
    const layer = root.get(name);
    if (!(layer instanceof Group)) throw badFile(`the layer ${name} is listed but missing`);
    const arrays = readNames(layer, "weight_names").map((weight) => readArray(layer, weight));
    const kernel = arrays.find(({ shape }) => shape.length === 4);
    const bias = arrays.find(({ shape }) => shape.length === 1);
    if (kernel === undefined) continue;
    if (bias === undefined || arrays.length !== 2) throw badFile(`the layer ${name} has not one kernel and one bias`);
    convolutions.push({ name, kernel, bias });
  }
  return convolutions;
}

/** A list of names; Keras splits lists that do not fit one attribute into name0, name1, … */
function readNames(group: Group, attribute: string): string[] {
  const { attrs } = group;
  const parts =
    attribute in attrs ? [attribute] : Object.keys(attrs).filter((key) => /^\d+$/.test(suffix(key, attribute)));
  if (parts.length === 0) throw badFile(`${group.path} has no attribute ${attribute}`);
  parts.sort((a, b) => Number(suffix(a, attribute)) - Number(suffix(b, attribute)));
  return parts.flatMap((key) => {
    const value = attrs[key]?.value ?? [];
    // An empty list is stored as no floating-point numbers at all.
    const list = ArrayBuffer.isView(value) && value.byteLength === 0 ? [] : [value].flat();
    return list.map((name) => {
      if (typeof name === "string") return name.replace(/\0+$/, "");
      throw badFile(`${attribute} of ${group.path} holds something that is no name`);
    });
  });
}

function suffix(key: string, attribute: string): string {
  return key.startsWith(attribute) ? key.slice(attribute.length) : key;
}

function readArray(layer: Group, name: string): Tensor {
  const dataset = layer.get(name);
  if (!(dataset instanceof Dataset)) throw badFile(`the array ${name} is listed but missing`);
  const { shape, value } = dataset;
  if (shape === null || !(value instanceof Float32Array || value instanceof Float64Array)) {
    throw badFile(`the array ${name} does not hold floating-point numbers`);
  }
  const values = Float32Array.from(value);
  if (hasNonFinite(values)) throw badFile(`the array ${name} holds a value that is not a finite number`);
  return { shape, values };
}
