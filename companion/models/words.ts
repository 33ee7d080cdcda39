// A model's descriptor in words: what a person looks at before the model is used.

import type { Control, Model, PictureInput, PictureOutput } from "../protocol/models.ts";

/** One fact a line; what was found by trying is marked. */
export function describeModel({ descriptor, found, looksAtAll }: Model): string[] {
  const { content, output, style, styleTensor, controls, license, source } = descriptor;
  const mark = (field: string) => (found.includes(field) ? " (found by trying)" : "");
  return [
    `picture in   ${pixelWords(content)}${mark("content.range") || mark("content.layout")}`,
    `picture out  ${pixelWords(output)}${mark("output.range")}`,
    `size         ${sizeWords(content)}${mark("content.multiple")}`,
    ...(style === null
      ? []
      : [
          `style        ${pixelWords(style)}, ${sizeWords(style)}${styleTensor === null ? "" : ", read by a second file"}`,
        ]),
    ...controls.map((control) => `choice       ${controlWords(control)}${mark(`labels of ${control.tensor}`)}`),
    ...(looksAtAll ? ["statistics   of the whole picture: windows of a large one may differ in tone"] : []),
    `license      ${license}`,
    `source       ${source}`,
  ];
}

function pixelWords({ tensor, layout, order, range, mean, std }: PictureInput | PictureOutput): string {
  const plain = mean.every((value) => value === 0) && std.every((value) => value === 1);
  const normal = plain ? "" : `, minus ${mean.join(" ")}, divided by ${std.join(" ")}`;
  return `${tensor}: ${layout}, ${order}, ${range.join(" to ")}${normal}`;
}

function sizeWords({ fixed, multiple }: PictureInput): string {
  if (fixed !== null) return `${fixed.width} × ${fixed.height} px`;
  return multiple === 1 ? "any" : `multiples of ${multiple} px`;
}

function controlWords(control: Control): string {
  switch (control.kind) {
    case "number":
      return `${control.tensor}: ${control.label}, ${control.min} to ${control.max}, ${control.default} where not said`;
    case "index":
      return `${control.tensor}: one of ${labelWords(control.labels)}`;
    case "weights":
      return `${control.tensor}: one of ${labelWords(control.labels)}, or shares of them`;
  }
}

function labelWords(labels: readonly string[]): string {
  const shown = labels.slice(0, MOST_LABELS).map((label, i) => (label === `Style ${i}` ? String(i) : `${i} ${label}`));
  const rest = labels.length > MOST_LABELS ? [`… ${labels.length - 1}`] : [];
  return [...shown, ...rest].join(", ");
}

const MOST_LABELS = 8;
