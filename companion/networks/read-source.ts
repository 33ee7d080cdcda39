// Opens a file that holds VGG19's convolutions, whatever of the known forms it has, and converts it to ours.
// Told apart by content, not by name; pickles (.pth, .pt, .bin) are refused unread.

import { open, readFile } from "node:fs/promises";
import { ImpastoError } from "../protocol/errors.ts";
import { type ConvertOptions, convertKeras, convertTorchvision, torchvisionTensors } from "./convert.ts";
import { CONVOLUTIONS, type NetworkFile, networkFromTensors } from "./network-file.ts";
import {
  badFile,
  decodeTensor,
  parseFile,
  type SafetensorsHeader,
  type Tensor,
  type TensorInfo,
} from "./safetensors.ts";

const HDF5_SIGNATURE = Buffer.from("\x89HDF\r\n\x1a\n", "latin1");

/** Throws ImpastoError: file-not-found, file-not-readable, bad-network. */
export async function readSource(path: string, options: ConvertOptions): Promise<NetworkFile> {
  const start = await readStart(path);
  if (start.equals(HDF5_SIGNATURE)) {
    const { readKerasConvolutions } = await import("./hdf5.ts"); // 4 MB of code, for this format alone
    return convertKeras(await readKerasConvolutions(path), options);
  }
  if (isPickle(start)) {
    throw new ImpastoError("bad-network", `${path} is a pickle: opening it could run any program, so it is not read.`, {
      hint: "Take the same network as .safetensors or as Keras' .h5.",
    });
  }
  const bytes = await readFile(path);
  const header = parseFile(bytes);
  const names = neededTensors(header, options.depth);
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

/** The tensors that a network of this depth needs, in our naming or in torchvision's; ours may be shallower. */
export function neededTensors(header: SafetensorsHeader, depth: number): string[] {
  if (!header.tensors.has("conv1_1.weight")) return torchvisionTensors(depth);
  const names = CONVOLUTIONS.slice(0, depth).flatMap((name) => [`${name}.weight`, `${name}.bias`]);
  return names.filter((name) => header.tensors.has(name));
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

async function readStart(path: string): Promise<Buffer> {
  try {
    const handle = await open(path, "r");
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw missing
      ? new ImpastoError("file-not-found", `There is no file ${path}.`, { cause })
      : new ImpastoError("file-not-readable", `${path} cannot be read.`, { hint: "Check its permissions.", cause });
  }
}

/** A pickle's protocol mark, or the zip archive that PyTorch puts around one. */
function isPickle(start: Buffer): boolean {
  return (
    (start[0] === 0x80 && (start[1] ?? 9) <= 5) || start.subarray(0, 4).equals(Buffer.from("PK\x03\x04", "latin1"))
  );
}
