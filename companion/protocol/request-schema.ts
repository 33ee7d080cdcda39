// The pictures of a request as they are named on the wire, in the ledger and in recipes, and how older ones are read.

import { type Static, Type } from "typebox";
import { LAYERS } from "./layers.ts";
import { MAX_STYLES } from "./limits.ts";
import { isRecord } from "./parsing.ts";
import type { StyleOf } from "./request.ts";
import { CLOSED, NameSchema, Sha256Schema } from "./schemas.ts";

/** A picture by its content; the name is for people and names no file on disk. */
export const PictureRefSchema = Type.Object({ sha256: Sha256Schema, name: Type.Optional(NameSchema) }, CLOSED);

const StyleRefSchema = Type.Object(
  {
    picture: PictureRefSchema,
    weight: Type.Number({ minimum: 0, maximum: 1e6, description: "Share in the blend." }),
    region: Type.Optional(PictureRefSchema),
    source: Type.Optional(PictureRefSchema),
    layers: Type.Optional(
      Type.Array(Type.String({ maxLength: 16 }), {
        minItems: 1,
        maxItems: LAYERS.length,
        uniqueItems: true,
        description: "The style layers that it is for; at these no style without layers counts.",
      }),
    ),
  },
  CLOSED,
);

/** The fields of SharedPicturesOf<PictureRef>, for schemas that have more. */
export const SHARED_PICTURES = {
  styles: Type.Unsafe<readonly StyleOf<PictureRef>[]>(
    Type.Array(StyleRefSchema, { maxItems: MAX_STYLES, description: "None where a model is the style itself." }),
  ),
  protect: Type.Optional(PictureRefSchema),
};

/** The same of PicturesOf<PictureRef>. */
export const PICTURES = { content: PictureRefSchema, ...SHARED_PICTURES, initial: Type.Optional(PictureRefSchema) };

export type PictureRef = Static<typeof PictureRefSchema>;

/**
 * A request, or a recipe's inputs, in today's form: before there were regions a style was its picture's hash and name
 * and an optional weight, side by side. What is neither form stays as it is, for its schema to refuse.
 */
export function upgradePictures(value: unknown): unknown {
  if (!isRecord(value) || !Array.isArray(value.styles)) return value;
  return { ...value, styles: value.styles.map(upgradeStyle) };
}

function upgradeStyle(style: unknown): unknown {
  if (!isRecord(style)) return style;
  const { weight = 1, ...rest } = style;
  if ("picture" in style) return { ...rest, weight };
  const { sha256, name, ...unknown } = rest;
  return { picture: { sha256, ...(name !== undefined && { name }) }, weight, ...unknown };
}
