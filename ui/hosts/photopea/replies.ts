// What Photopea's scripts reply (scripts.ts), parsed on arrival.

import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { isRecord } from "../../../companion/protocol/parsing.ts";

/** [left, top, right, bottom], px in the document */
export type Bounds = readonly [number, number, number, number];

export interface ScriptLayer {
  id: string;
  name: string;
  bounds: Bounds;
  visible: boolean;
  group: boolean;
  /** As its scripts name it, e.g. "LayerKind.TEXT". */
  kind: string;
  selected: boolean;
}

/** Tells documents apart, as far as Photopea does. */
export interface DocumentKey {
  name: string;
  /** Where it was opened from. */
  source: string;
}

export interface ScriptDocument extends DocumentKey {
  /** Of the canvas, px. */
  width: number;
  height: number;
  layers: ScriptLayer[];
}

/** Null when no document is open. Throws "version-mismatch" for what is no document. */
export function parseDocument(value: unknown): ScriptDocument | null {
  if (value === null) return null;
  if (!isRecord(value)) throw notUnderstood();
  const { name, source, layers } = value;
  if (!Array.isArray(layers)) throw notUnderstood();
  const [width, height] = [parseNumber(value.width), parseNumber(value.height)];
  return { name: parseText(name), source: parseText(source), width, height, layers: layers.map(parseLayer) };
}

export function parseNumber(value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw notUnderstood();
}

export function parseText(value: unknown): string {
  if (typeof value === "string") return value;
  throw notUnderstood();
}

function parseLayer(value: unknown): ScriptLayer {
  if (!isRecord(value)) throw notUnderstood();
  const { id, name, bounds, visible, group, kind, selected } = value;
  const [left, top, right, bottom]: unknown[] = Array.isArray(bounds) ? bounds : [];
  return {
    id: parseText(id),
    name: parseText(name),
    bounds: [parseNumber(left), parseNumber(top), parseNumber(right), parseNumber(bottom)],
    visible: visible === true,
    group: group === true,
    kind: typeof kind === "string" ? kind : "",
    selected: selected === true,
  };
}

function notUnderstood(): ImpastoError {
  return new ImpastoError("version-mismatch", "Photopea answered in a way that this panel does not understand.", {
    hint: "Reload Photopea, then try again.",
  });
}
