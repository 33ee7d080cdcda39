// The tensors of a detailer's file in the order in which its convolutions run, as the engine gives and takes them.

import { type Static, Type } from "typebox";
import { decodeTensor, encodeSafetensors, parseFile, type Tensor } from "../networks/safetensors.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { isOf } from "../supervisor/parse-message.ts";

/** As native/detail/detailer.cc reads it; of what else is in it nothing is needed here. */
const PlanSchema = Type.Object({
  levels: Type.Array(
    Type.Object({
      layer: Type.String({ pattern: "^relu[1-5]_1$" }),
      convolutions: Type.Integer({ minimum: 1, maximum: 16 }),
    }),
    { maxItems: 5 },
  ),
});

/** "level5.conv1" … "out". @throws ImpastoError("bad-network") */
export function convolutionsOf(plan: string | undefined): string[] {
  const { levels } = parsePlan(plan);
  const stems = levels.flatMap(({ layer, convolutions }) =>
    Array.from({ length: convolutions }, (_, i) => `level${layer.charAt("relu".length)}.conv${i + 1}`),
  );
  return [...stems, "out"];
}

function parsePlan(plan = ""): Static<typeof PlanSchema> {
  try {
    const value: unknown = JSON.parse(plan);
    if (isOf(PlanSchema, value)) return value;
  } catch {
    // No JSON at all is no better than JSON of something else.
  }
  throw new ImpastoError("bad-network", "What was learned is damaged: its plan is not readable.", {
    hint: "Take another copy of the file, or learn the style again.",
  });
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
