// The child decodes what strangers made, so what it says is checked on arrival like anything from outside.

import { type Static, type TSchema, Type } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { ProgressSchema } from "../protocol/progress.ts";
import { RecipeSchema } from "../protocol/recipe.ts";
import { ErrorSchema, IdSchema, Sha256Schema } from "../protocol/schemas.ts";
import type { FromChild } from "./messages.ts";

const ofAttempt = { job: IdSchema, attempt: Type.Integer({ minimum: 1 }) };
const call = Type.Integer({ minimum: 1 });
const side = Type.Integer({ minimum: 1 });

const FromChildSchema = Type.Union([
  Type.Object({ type: Type.Literal("ready") }),
  Type.Object({ type: Type.Literal("beat"), residentBytes: Type.Number() }),
  Type.Object({
    type: Type.Literal("budget"),
    ...ofAttempt,
    budget: Type.Object({ limitBytes: Type.Number(), smallerSize: side }),
  }),
  Type.Object({
    type: Type.Literal("pace"),
    ...ofAttempt,
    stepSeconds: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
  }),
  Type.Object({ type: Type.Literal("progress"), ...ofAttempt, progress: ProgressSchema }),
  Type.Object({ type: Type.Literal("preview"), ...ofAttempt, path: Type.String(), width: side, height: side }),
  Type.Object({ type: Type.Literal("checkpoint"), ...ofAttempt, progress: ProgressSchema }),
  Type.Object({
    type: Type.Literal("finished"),
    ...ofAttempt,
    path: Type.String(),
    sha256: Sha256Schema,
    width: side,
    height: side,
    seconds: Type.Number({ minimum: 0 }),
    fallback: Type.Optional(Type.String()),
    notes: Type.Optional(Type.Array(Type.String())),
    styleDistance: Type.Optional(Type.Number({ minimum: 0 })),
    recipe: RecipeSchema,
  }),
  Type.Object({ type: Type.Literal("painted"), ...ofAttempt }),
  Type.Object({ type: Type.Literal("released"), ...ofAttempt }),
  Type.Object({ type: Type.Literal("failed"), ...ofAttempt, error: ErrorSchema }),
  Type.Object({ type: Type.Literal("answer"), call, value: Type.Unknown() }),
  Type.Object({ type: Type.Literal("news"), call, value: Type.Unknown() }),
  Type.Object({ type: Type.Literal("refused"), call, error: ErrorSchema }),
]);

const fromChild = Compile(FromChildSchema);

/** Null for what is no message of a child's. */
export function parseFromChild(message: unknown): FromChild | null {
  return fromChild.Check(message) ? message : null;
}

const validators = new Map<TSchema, Validator>();

/** Of "convert"; whether the bytes are a picture is seen by their beginning. */
export const ConvertedSchema = Type.Object({ bytes: Type.Unknown(), notes: Type.Array(Type.String()) });

/** Holds a child's answer against its schema. */
export function isOf<T extends TSchema>(schema: T, value: unknown): value is Static<T> {
  const validator = validators.get(schema) ?? Compile(schema);
  validators.set(schema, validator);
  return validator.Check(value);
}
