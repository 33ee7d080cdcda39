// What is known of a network of others, as a designer looks through it before it is used.

import type { Control, Model } from "../companion/protocol/models.ts";

export interface ModelFact {
  label: string;
  words: string;
  /** Nobody said so: it was found out by trying. */
  tried: boolean;
}

export function modelFacts({ descriptor, found, looksAtAll }: Model): ModelFact[] {
  const { content, output, style, controls, license, source } = descriptor;
  const tried = (...fields: string[]) => fields.some((field) => found.includes(field));
  const fact = (label: string, words: string, isTried = false): ModelFact => ({ label, words, tried: isTried });
  return [
    fact("Style", style === null ? "its own" : "of the picture that you choose"),
    fact("Size", sizeWords(content.fixed, content.multiple, looksAtAll), tried("content.multiple")),
    fact("Layout", content.layout.toUpperCase(), tried("content.layout")),
    fact("Colors in", pixelWords(content), tried("content.range")),
    fact("Colors out", pixelWords(output), tried("output.range")),
    ...controls.map((control) =>
      fact(controlLabel(control, controls), controlWords(control), tried(`labels of ${control.tensor}`)),
    ),
    fact("License", license),
    fact("Made by", source),
  ];
}

/** In one line of a list. */
export function modelLine({ descriptor }: Model): string {
  const { style, controls, license } = descriptor;
  const choices = controls.flatMap((control) => (control.kind === "number" ? [] : [control.labels.length]));
  const most = Math.max(1, ...choices);
  const own = most === 1 ? "A style of its own" : `${most} styles`;
  return `${style === null ? own : "Takes a style picture"} · ${license === "unknown" ? "license unknown" : license}`;
}

/** Most have one list of styles; of several each goes by the name that the network gives it. */
export function controlLabel(control: Control, all: readonly Control[]): string {
  if (control.kind === "number") return control.label;
  return all.filter(({ kind }) => kind !== "number").length === 1 ? "Its styles" : control.tensor;
}

function sizeWords(fixed: { width: number; height: number } | null, multiple: number, looksAtAll: boolean): string {
  const size =
    fixed === null
      ? multiple === 1
        ? "any"
        : `multiples of ${multiple} px`
      : `${fixed.width} × ${fixed.height} px, larger ones in pieces`;
  return looksAtAll ? `${size}; pieces of a large picture may differ in tone` : size;
}

function pixelWords({ order, range, mean, std }: Model["descriptor"]["output"]): string {
  const plain = mean.every((value) => value === 0) && std.every((value) => value === 1);
  return `${order.toUpperCase()}, ${range.join(" to ")}${plain ? "" : ", normalized"}`;
}

function controlWords(control: Control): string {
  switch (control.kind) {
    case "number":
      return `${control.min} to ${control.max}`;
    case "index":
      return `one of ${control.labels.length}`;
    case "weights":
      return `one of ${control.labels.length}, or a mix`;
  }
}
