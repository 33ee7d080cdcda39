// Opens a file that holds the convolutions of VGG16 or VGG19, whatever of the known forms it has, and converts it to ours.
// Told apart by content, not by name; what else people try is refused by its name.

import { readFile } from "node:fs/promises";
import { isHdf5 } from "../protocol/network-beginnings.ts";
import { refuseArchitecture } from "./architecture.ts";
import {
  type ConvertOptions,
  convertKeras,
  convertTorchvision,
  keptConvolutions,
  torchvisionTensors,
  torchvisionTopology,
} from "./convert.ts";
import { refuseForeign } from "./foreign-file.ts";
import { type NetworkFile, networkFromTensors, topologyOfConvolutions } from "./network-file.ts";
import { readBeginning } from "./read-beginning.ts";
import {
  badFile,
  decodeTensor,
  parseFile,
  type SafetensorsHeader,
  type Tensor,
  type TensorInfo,
} from "./safetensors.ts";

/** Throws ImpastoError: file-not-found, file-not-readable, bad-network. */
export async function readSource(path: string, options: ConvertOptions): Promise<NetworkFile> {
  const beginning = await readBeginning(path);
  refuseForeign(beginning, path);
  if (isHdf5(beginning)) {
    const { readKerasConvolutions } = await import("./hdf5.ts"); // 4 MB of code, for this format alone
    return convertKeras(await readKerasConvolutions(path), options);
  }
  const bytes = await readFile(path);
  const header = parseFile(bytes);
  const names = neededTensors(header, options.full);
  const tensors = decodeTensors(header.tensors, names, bytes.subarray(header.bodyOffset));
  return convertTensors(header.metadata, tensors, options);
}

/** From our naming (then at most so deep, under the new name) or torchvision's. Throws ImpastoError("bad-network"). */
export function convertTensors(
  metadata: Readonly<Record<string, string>>,
  tensors: ReadonlyMap<string, Tensor>,
  options: ConvertOptions,
): NetworkFile {
  if (!tensors.has("conv1_1.weight")) return convertTorchvision(tensors, options);
  return { ...networkFromTensors(metadata, tensors, options.precision), name: options.name };
}

/** The tensors that are kept, in our naming or in torchvision's; ours may be shallower. Throws ImpastoError("bad-network"). */
export function neededTensors({ tensors }: SafetensorsHeader, full: boolean): string[] {
  if (!tensors.has("conv1_1.weight")) {
    refuseArchitecture(tensors.keys());
    return torchvisionTensors(
      torchvisionTopology((name) => tensors.has(name)),
      full,
    );
  }
  const topology = topologyOfConvolutions((name) => tensors.has(`${name}.weight`));
  const names = keptConvolutions(topology, full).flatMap((name) => [`${name}.weight`, `${name}.bias`]);
  return names.filter((name) => tensors.has(name));
}

/** `body`: what the infos' positions refer to. */
export function decodeTensors(
  infos: ReadonlyMap<string, TensorInfo>,
  names: readonly string[],
  body: Uint8Array,
): Map<string, Tensor> {
  return new Map(
    names.map((name) => {
      const info = infos.get(name);
      if (info === undefined) throw badFile(`${name} is missing`);
      return [name, decodeTensor(name, info, body.subarray(info.begin, info.end))];
    }),
  );
}
