// The tensors of a detailer's file in the order in which its convolutions run, as the engine gives and takes them.

import { decodeTensor, encodeSafetensors, parseFile, type Tensor } from "../networks/safetensors.ts";

interface Plan {
  levels: readonly { layer: string; convolutions: number }[];
}

/** "level5.conv1" … "out". */
export function convolutionsOf(plan: string | undefined): string[] {
  const { levels } = JSON.parse(plan ?? '{"levels":[]}') as Plan;
  const stems = levels.flatMap(({ layer, convolutions }) =>
    Array.from({ length: convolutions }, (_, i) => `level${layer.charAt("relu".length)}.conv${i + 1}`),
  );
  return [...stems, "out"];
}

export interface DetailerFile {
  metadata: Readonly<Record<string, string>>;
  tensors: Map<string, Tensor>;
}

/** @throws ImpastoError("bad-network") */
export function readDetailer(file: Uint8Array): DetailerFile {
  const { metadata, tensors, bodyOffset } = parseFile(file);
  const decoded = [...tensors].map(([name, info]): [string, Tensor] => [
    name,
    decodeTensor(name, info, file.subarray(bodyOffset + info.begin, bodyOffset + info.end)),
  ]);
  return { metadata, tensors: new Map(decoded) };
}

export function writeDetailer({ metadata, tensors }: DetailerFile): Uint8Array {
  return encodeSafetensors(tensors, metadata, "fp16");
}
