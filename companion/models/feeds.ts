// What a network is given in one pass: a window of the content, the style, and what was chosen.

import { ImpastoError } from "../protocol/errors.ts";
import type { Control, ControlValues, Descriptor } from "../protocol/models.ts";
import type { Feed, FileFacts, Output } from "./model-messages.ts";
import { type Planes, toFeed } from "./pixels.ts";

/** What stays the same from window to window. */
export function constantFeeds(
  { style, styleTensor, controls }: Descriptor,
  facts: FileFacts,
  values: ControlValues,
  read: { picture?: Planes | undefined; output?: Output | undefined },
): Feed[] {
  const shapeOf = (tensor: string) =>
    facts.inputs.find(({ name }) => name === tensor)?.shape.map((side) => side ?? 1) ?? [];
  const feeds: Feed[] = controls.map((control) => ({
    name: control.tensor,
    shape: shapeOf(control.tensor),
    data: Float32Array.from(numbersOf(control, chosenOf(values, control, controls))),
  }));
  if (styleTensor !== null && read.output !== undefined) feeds.push({ name: styleTensor, ...read.output });
  if (styleTensor === null && style !== null && read.picture !== undefined) feeds.push(toFeed(style, read.picture));
  return feeds;
}

/** Throws ImpastoError("bad-setting") for a value that the network does not take, and for a name that it does not have. */
export function checkValues({ controls }: Descriptor, values: ControlValues): void {
  for (const name of Object.keys(values))
    if (!controls.some((control) => means(name, control, controls))) throw unknown(name, controls);
  for (const control of controls) numbersOf(control, chosenOf(values, control, controls));
}

function chosenOf(
  values: ControlValues,
  control: Control,
  all: readonly Control[],
): number | readonly number[] | undefined {
  const name = Object.keys(values).find((candidate) => means(candidate, control, all));
  return name === undefined ? undefined : values[name];
}

/** By its whole name, or by a beginning that no other has. */
function means(name: string, control: Control, all: readonly Control[]): boolean {
  if (control.tensor === name) return true;
  if (all.some(({ tensor }) => tensor === name)) return false;
  const begins = ({ tensor }: Control) => tensor.toLowerCase().startsWith(name.toLowerCase());
  return name !== "" && begins(control) && all.filter(begins).length === 1;
}

function unknown(name: string, controls: readonly Control[]): ImpastoError {
  const names = controls.map(({ tensor }) => tensor).join(", ");
  return new ImpastoError("bad-setting", `The network has nothing named ${JSON.stringify(name)} to choose.`, {
    hint: names === "" ? "It takes nothing but the picture." : `It has: ${names}.`,
  });
}

function numbersOf(control: Control, value: number | readonly number[] | undefined): number[] {
  const wrong = (expected: string) =>
    new ImpastoError("bad-setting", `Expected ${expected} for ${control.tensor} but received ${String(value)}.`);
  switch (control.kind) {
    case "number": {
      const number = value ?? control.default;
      if (typeof number === "number" && number >= control.min && number <= control.max) return [number];
      throw wrong(`a number from ${control.min} to ${control.max}`);
    }
    case "index": {
      const last = control.labels.length - 1;
      const index = value ?? 0;
      if (typeof index === "number" && Number.isInteger(index) && index >= 0 && index <= last) return [index];
      throw wrong(`a whole number from 0 to ${last}`);
    }
    case "weights": {
      const count = control.labels.length;
      const chosen = value ?? 0;
      if (typeof chosen === "number") {
        if (!Number.isInteger(chosen) || chosen < 0 || chosen >= count)
          throw wrong(`a whole number from 0 to ${count - 1}`);
        return Array.from({ length: count }, (_, i) => (i === chosen ? 1 : 0));
      }
      if (chosen.length !== count || !chosen.some((share) => share !== 0)) throw wrong(`${count} numbers, not all 0`);
      return [...chosen];
    }
  }
}
