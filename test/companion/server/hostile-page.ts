// What a hostile web page tries against the companion from inside a browser: everything that needs no permission.
// Each attempt that got to read something reports it to the top page.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Route, ROUTES } from "../../../companion/protocol/api.ts";
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

const FRAMES = ["sandboxed srcdoc", "data", "blob"] as const;
/** The page itself and its frames. */
export const ATTACKERS = ["page", ...FRAMES];

export function hostilePage(base: string): string {
  const routes = Object.values<Route>(ROUTES).map((route) => ({ method: route.method, path: exampleOf(route) }));
  const call = (from: string) =>
    `${ATTACK};attack(${JSON.stringify(from)}, ${JSON.stringify(base)}, ${JSON.stringify(routes)})`;
  const inner = (from: string) => `<!doctype html><body><script>${call(from)}</${"script"}>`;
  const script = `
    window.readings = [];
    window.finished = [];
    addEventListener("message", ({ data }) => data.finished ? finished.push(data.from) : readings.push(data));
    const add = (set) => { const frame = document.createElement("iframe"); set(frame); document.body.append(frame); };
    add((frame) => { frame.sandbox = "allow-scripts allow-forms"; frame.srcdoc = ${literal(inner("sandboxed srcdoc"))}; });
    add((frame) => { frame.src = "data:text/html," + encodeURIComponent(${literal(inner("data"))}); });
    add((frame) => {
      frame.sandbox = "allow-scripts allow-forms";
      frame.src = URL.createObjectURL(new Blob([${literal(inner("blob"))}], { type: "text/html" }));
    });
    ${call("page")};`;
  return `<!doctype html><meta charset="utf-8"><body><script>${script}</script>`;
}

/** A string literal that does not end the script it stands in. */
function literal(text: string): string {
  return JSON.stringify(text).replaceAll("</", "<\\/");
}
