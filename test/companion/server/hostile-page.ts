// What a hostile web page tries against the companion from inside a browser: everything that needs no permission.
// Each attempt that got to read something reports it to the top page.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ROUTES, type Route } from "../../../companion/protocol/api.ts";
import { exampleOf } from "./refusal-matrix.ts";

export interface Reading {
  from: string;
  how: string;
  method: string;
  path: string;
  status: number;
  text: string;
}

const ATTACK = readFileSync(fileURLToPath(new URL("hostile-attack.js", import.meta.url)), "utf8");

/** Makes each kind of frame with an opaque origin; INNER is replaced by the frame's own page. */
const FRAMES = {
  "sandboxed srcdoc": `frame.sandbox = "allow-scripts allow-forms"; frame.srcdoc = INNER;`,
  data: `frame.src = "data:text/html," + encodeURIComponent(INNER);`,
  blob: `frame.sandbox = "allow-scripts allow-forms";
    frame.src = URL.createObjectURL(new Blob([INNER], { type: "text/html" }));`,
};
export type AttackingFrame = keyof typeof FRAMES;

/** The page attacks, and so does each of its frames. */
export function hostilePage(base: string, frames: readonly AttackingFrame[]): string {
  const routes = Object.values<Route>(ROUTES).map((route) => ({ method: route.method, path: exampleOf(route) }));
  const call = (from: string) =>
    `${ATTACK};attack(${JSON.stringify(from)}, ${JSON.stringify(base)}, ${JSON.stringify(routes)})`;
  const inner = (from: string) => `<!doctype html><body><script>${call(from)}</${"script"}>`;
  const script = `
    window.readings = [];
    window.finished = [];
    addEventListener("message", ({ data }) => data.finished ? finished.push(data.from) : readings.push(data));
    const add = (set) => { const frame = document.createElement("iframe"); set(frame); document.body.append(frame); };
    ${frames.map((kind) => `add((frame) => { ${FRAMES[kind].replace("INNER", () => literal(inner(kind)))} });`).join("\n")}
    ${call("page")};`;
  return `<!doctype html><meta charset="utf-8"><body><script>${script}</script>`;
}

/** A string literal that does not end the script it stands in. */
function literal(text: string): string {
  return JSON.stringify(text).replaceAll("</", "<\\/");
}
