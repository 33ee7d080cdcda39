// What a network's file says of itself (names, shapes, types), put together with what a person says of it. What neither
// says is left for probe.ts.

import { type Static, type TSchema, Type } from "typebox";
import { Value } from "typebox/value";
import { ImpastoError } from "../protocol/errors.ts";
import {
  type Control,
  ControlSchema,
  type Descriptor,
  MAX_CHOICES,
  type PictureInput,
  PictureInputSchema,
  type PictureOutput,
  PictureOutputSchema,
} from "../protocol/models.ts";
import { CLOSED, NameSchema } from "../protocol/schemas.ts";
import type { FileFacts, TensorFacts } from "./model-messages.ts";

/** A descriptor as people write one: everything may be missing. */
const GivenSchema = Type.Object(
  {
    content: Type.Optional(Type.Partial(PictureInputSchema, CLOSED)),
    output: Type.Optional(Type.Partial(PictureOutputSchema, CLOSED)),
    style: Type.Optional(Type.Union([Type.Partial(PictureInputSchema, CLOSED), Type.Null()])),
    styleTensor: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    controls: Type.Optional(Type.Array(ControlSchema, { maxItems: 16 })),
    license: Type.Optional(NameSchema),
    source: Type.Optional(NameSchema),
  },
  CLOSED,
);

export type GivenDescriptor = Static<typeof GivenSchema>;

/** Throws ImpastoError("bad-request") that names the field. */
export function parseGiven(value: unknown, name: string): GivenDescriptor {
  if (Value.Check(GivenSchema, value)) return value;
  throw new ImpastoError("bad-request", `${name} is no descriptor of a network: ${firstProblem(GivenSchema, value)}.`, {
    hint: "Begin with what impasto models show NAME --json prints of one, and leave out what you do not know.",
  });
}

function firstProblem(schema: TSchema, value: unknown): string {
  const [first] = Value.Errors(schema, value);
  if (first === undefined) return "it has another form";
  const field = first.instancePath.slice(1).replaceAll("/", ".") || "it";
  // What the schema library says of a field that a closed object does not have.
  return `${field} ${first.message === "schema is false" ? "is no field of one" : first.message}`;
}

/** A descriptor with holes, and what still has to be found by trying. */
export interface Draft {
  descriptor: Descriptor;
  /** Paths of fields that hold a guess. */
  open: Set<OpenField>;
}

export type OpenField =
  | "content.layout"
  | "content.range"
  | "content.multiple"
  | "output.range"
  | `labels of ${string}`;

const PLAIN = { order: "rgb", mean: [0, 0, 0], std: [1, 1, 1] } as const;

/** Throws ImpastoError("bad-network") for a network that takes or gives what is no picture. */
export function draftDescriptor(main: FileFacts, style: FileFacts | null, given: GivenDescriptor, name: string): Draft {
  const open = new Set<OpenField>();
  const refuse = (what: string, hint = SAY_MORE) => new ImpastoError("bad-network", `${name} ${what}.`, { hint });
  const pictures = main.inputs.filter(isPicture);
  const content = pickContent(pictures, given, refuse);
  const others = main.inputs.filter((input) => input !== content);
  const ownStyle = style === null ? pickStyle(pictures, content, given) : null;
  const painted = pick(main.outputs.filter(isPicture), given.output?.tensor, "gives no picture", refuse);
  const contentPixels = describeInput(content, given.content);
  if (given.content?.layout === undefined && !hasChannels(content)) open.add("content.layout");
  if (given.content?.range === undefined) open.add("content.range");
  if (given.output?.range === undefined) open.add("output.range");
  if (contentPixels.fixed === null && given.content?.multiple === undefined) open.add("content.multiple");
  let rest = others.filter((input) => input !== ownStyle);
  let styleTensor: string | null = null;
  let stylePixels: PictureInput | null = null;
  if (style !== null) {
    const read = pick(style.inputs.filter(isPicture), given.style?.tensor, "takes no style picture", refuse);
    stylePixels = describeInput(read, { range: contentPixels.range, ...given.style });
    styleTensor = given.styleTensor ?? (rest.length === 1 ? rest[0]?.name : matching(rest, style.outputs)) ?? null;
    if (styleTensor === null) throw refuse("has no place for what the style network gives");
    rest = rest.filter((input) => input.name !== styleTensor);
  } else if (ownStyle !== null) {
    stylePixels = describeInput(ownStyle, { range: contentPixels.range, ...given.style });
  }
  const controls = rest.map((input) => describeControl(input, given, open, refuse));
  const output: PictureOutput = {
    ...PLAIN,
    ...{ mean: [...PLAIN.mean], std: [...PLAIN.std] },
    layout: layoutOf(painted) ?? contentPixels.layout,
    range: contentPixels.range,
    ...given.output,
    tensor: painted.name,
  };
  const license = given.license ?? (main.license || "unknown");
  const source = given.source ?? (main.producer || "unknown");
  return {
    descriptor: { content: contentPixels, output, style: stylePixels, styleTensor, controls, license, source },
    open,
  };
}

const SAY_MORE = "Say more with --descriptor FILE; impasto models import --help tells how.";

type Refuse = (what: string, hint?: string) => ImpastoError;

function pickContent(pictures: readonly TensorFacts[], given: GivenDescriptor, refuse: Refuse): TensorFacts {
  const named = given.content?.tensor;
  if (named === undefined && pictures.length === 2) {
    const style = pictures.findIndex(({ name }) => /style|reference|exemplar/i.test(name));
    return pictures[style === 0 ? 1 : 0] as TensorFacts;
  }
  if (named === undefined && pictures.length > 2) throw refuse(`takes ${pictures.length} pictures`);
  return pick(pictures, named, "takes no picture of three channels", refuse);
}

function pickStyle(pictures: readonly TensorFacts[], content: TensorFacts, given: GivenDescriptor): TensorFacts | null {
  if (given.style === null) return null;
  const others = pictures.filter((picture) => picture !== content);
  return others.find(({ name }) => name === given.style?.tensor) ?? others[0] ?? null;
}

function pick(
  candidates: readonly TensorFacts[],
  named: string | undefined,
  lack: string,
  refuse: Refuse,
): TensorFacts {
  const found = named === undefined ? candidates[0] : candidates.find(({ name }) => name === named);
  if (found !== undefined) return found;
  if (named === undefined) throw refuse(lack, "Networks that paint take and give pictures of three channels.");
  throw refuse(`has no picture named ${named}`, `It has: ${candidates.map(({ name }) => name).join(", ") || "none"}.`);
}

/** [1, 3, h, w] or [1, h, w, 3], where what is not said may be that. */
function isPicture({ type, shape }: TensorFacts): boolean {
  if (type === null || type === "int32" || type === "int64" || shape.length !== 4) return false;
  const [count, second, , last] = shape;
  if (count !== null && count !== 1) return false;
  return second === 3 || last === 3 || (second === null && last === null);
}

function hasChannels(facts: TensorFacts): boolean {
  return layoutOf(facts) !== null;
}

function layoutOf({ shape }: TensorFacts): PictureInput["layout"] | null {
  if (shape[1] === 3) return "nchw";
  return shape[3] === 3 ? "nhwc" : null;
}

function describeInput(facts: TensorFacts, given: Partial<PictureInput> | null | undefined): PictureInput {
  const layout = given?.layout ?? layoutOf(facts) ?? "nchw";
  const [height, width] = layout === "nchw" ? facts.shape.slice(2) : facts.shape.slice(1, 3);
  const side = width ?? height ?? null;
  const fixed = side === null ? null : { width: width ?? side, height: height ?? side };
  return {
    ...PLAIN,
    ...{ mean: [...PLAIN.mean], std: [...PLAIN.std] },
    range: facts.type === "uint8" ? [0, 255] : [0, 1],
    multiple: 1,
    ...given,
    tensor: facts.name,
    layout,
    fixed: fixed ?? given?.fixed ?? null,
  };
}

function describeControl(
  { name, type, shape }: TensorFacts,
  given: GivenDescriptor,
  open: Set<OpenField>,
  refuse: Refuse,
): Control {
  const said = given.controls?.find(({ tensor }) => tensor === name);
  const count = shape.reduce<number>((product, side) => product * (side ?? 1), 1);
  const isWhole = type === "int32" || type === "int64";
  const isVector = shape.length <= 2 && count <= MAX_CHOICES;
  if (type === null || !isVector || count < 1 || (isWhole && count > 1)) {
    const size = shape.map((side) => side ?? "?").join(" × ") || "one number";
    throw refuse(
      `wants something named ${name} (${size}) that Impasto cannot give it`,
      "A network that belongs to another comes in with it: --style-network FILE.",
    );
  }
  if (said !== undefined) {
    const fits = said.kind === "weights" ? said.labels.length === count : count === 1;
    if (fits) return said;
    throw refuse(`takes ${count} numbers as ${name}, and the descriptor says otherwise`);
  }
  if (isWhole) {
    open.add(`labels of ${name}`);
    return { kind: "index", tensor: name, labels: ["Style 0"] };
  }
  if (count === 1) return { kind: "number", tensor: name, label: name.slice(0, 100), min: 0, max: 1, default: 1 };
  open.add(`labels of ${name}`);
  return { kind: "weights", tensor: name, labels: numbered(count) };
}

export function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `Style ${i}`);
}

/** The input whose shape the style network's output has. */
function matching(inputs: readonly TensorFacts[], outputs: readonly TensorFacts[]): string | undefined {
  const fits = ({ shape }: TensorFacts) =>
    outputs.some(
      (output) =>
        output.shape.length === shape.length &&
        output.shape.every((side, i) => side === null || shape[i] === null || side === shape[i]),
    );
  return inputs.find((input) => outputs.some(({ name }) => name === input.name))?.name ?? inputs.find(fits)?.name;
}
