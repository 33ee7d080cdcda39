// Networks of others that paint a picture in one pass: how each wants its pixels, what else it takes, and what of that
// a person chooses. A descriptor is what a file does not say of itself.

import { type Static, Type } from "typebox";
import { ImpastoError } from "./errors.ts";
import { CLOSED, NameSchema, PLAIN_NAME_PATTERN, Sha256Schema } from "./schemas.ts";

/** Where the three channels stand: [1, 3, height, width] or [1, height, width, 3]. */
export const LAYOUTS = ["nchw", "nhwc"] as const;
export const CHANNEL_ORDERS = ["rgb", "bgr"] as const;

/** Largest file, and most values of one choice. */
export const MAX_MODEL_BYTES = 512 * 1024 * 1024;
export const MAX_CHOICES = 1024;

/** For what is larger; `name`: what the person calls it. */
export function modelTooLarge(name: string): ImpastoError {
  return new ImpastoError("bad-network", `${name} has more than ${MAX_MODEL_BYTES / 1024 ** 2} MiB.`, {
    hint: "Networks that paint in one pass have a few; this one is for something else.",
  });
}

export const ModelNameSchema = Type.String({ pattern: PLAIN_NAME_PATTERN });

const TensorName = Type.String({ minLength: 1, maxLength: 256 });
const Triple = Type.Array(Type.Number(), { minItems: 3, maxItems: 3 });
const Side = Type.Integer({ minimum: 8, maximum: 16_384 });
const Labels = Type.Array(NameSchema, { minItems: 1, maxItems: MAX_CHOICES });

/** A pixel p in 0 … 1 is the network's ((low + p · (high − low)) − mean) / std; mean and std by channel, as ordered. */
const PIXELS = {
  tensor: TensorName,
  layout: Type.Enum(LAYOUTS),
  order: Type.Enum(CHANNEL_ORDERS),
  range: Type.Array(Type.Number(), { minItems: 2, maxItems: 2 }),
  mean: Triple,
  std: Triple,
};

/** A fixed size, or sides that are multiples of a number. */
const SIZE = {
  fixed: Type.Union([Type.Object({ width: Side, height: Side }, CLOSED), Type.Null()]),
  multiple: Type.Integer({ minimum: 1, maximum: 1024 }),
};

export const PictureInputSchema = Type.Object({ ...PIXELS, ...SIZE }, CLOSED);
export const PictureOutputSchema = Type.Object(PIXELS, CLOSED);

/** What a person chooses beside the pictures. */
export const ControlSchema = Type.Union([
  /** One number for each of its styles, mixed by their shares. */
  Type.Object({ kind: Type.Literal("weights"), tensor: TensorName, labels: Labels }, CLOSED),
  /** One of its styles, by number from 0. */
  Type.Object({ kind: Type.Literal("index"), tensor: TensorName, labels: Labels }, CLOSED),
  Type.Object(
    {
      kind: Type.Literal("number"),
      tensor: TensorName,
      label: NameSchema,
      min: Type.Number(),
      max: Type.Number(),
      default: Type.Number(),
    },
    CLOSED,
  ),
]);

export const DescriptorSchema = Type.Object(
  {
    content: PictureInputSchema,
    output: PictureOutputSchema,
    /** Where it paints in the manner of a picture. */
    style: Type.Union([PictureInputSchema, Type.Null()]),
    /** Where a second file reads the style: its output goes into this tensor of the first. */
    styleTensor: Type.Union([TensorName, Type.Null()]),
    controls: Type.Array(ControlSchema, { maxItems: 16 }),
    license: NameSchema,
    source: NameSchema,
  },
  CLOSED,
);

export const ModelSchema = Type.Object(
  {
    name: ModelNameSchema,
    sha256: Sha256Schema,
    /** Of the second file. */
    styleSha256: Type.Union([Sha256Schema, Type.Null()]),
    bytes: Type.Integer({ minimum: 1 }),
    descriptor: DescriptorSchema,
    /** Fields of the descriptor that nobody said and that were found by trying. */
    found: Type.Array(Type.String()),
    /** It computes something over the whole picture, so windows of it differ. */
    looksAtAll: Type.Boolean(),
    /** Measured when it came in: bytes and seconds for each pixel of a window, and at rest. */
    bytesPerPixel: Type.Number({ minimum: 0 }),
    restingBytes: Type.Number({ minimum: 0 }),
    secondsPerPixel: Type.Number({ minimum: 0 }),
  },
  CLOSED,
);

/** Beside the file that is sent. `descriptor`: what is known of it, as JSON; the rest is found by trying. */
export const NewModelSchema = Type.Object(
  { name: ModelNameSchema, descriptor: Type.Optional(Type.String({ maxLength: 8_000 })) },
  CLOSED,
);

export const ModelListSchema = Type.Object({ models: Type.Array(ModelSchema) }, CLOSED);

export type PictureInput = Static<typeof PictureInputSchema>;
export type PictureOutput = Static<typeof PictureOutputSchema>;
export type Control = Static<typeof ControlSchema>;
export type Descriptor = Static<typeof DescriptorSchema>;
export type Model = Static<typeof ModelSchema>;
export type NewModel = Static<typeof NewModelSchema>;

/** What a person chose of a model's controls, by the name of the tensor: a number, or one for each label. */
export type ControlValues = Readonly<Record<string, number | readonly number[]>>;
