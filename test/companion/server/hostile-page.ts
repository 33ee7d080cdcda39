// What a hostile web page tries against the companion from inside a browser: everything that needs no permission.
// Each attempt that got to read something reports it to the top page.

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

/** Runs in the hostile frames; nothing here may refer to anything outside. */
function attack(from: string, base: string, routes: { method: string; path: string }[]): Promise<void> {
  const report = (reading: object) => top?.postMessage({ from, ...reading }, "*");
  const TAGS = ["img", "script", "link", "video", "object"];
  const ENCTYPES = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"];
  const attempts: Promise<unknown>[] = [];
  const attempt = (how: string, method: string, path: string, init: RequestInit) =>
    attempts.push(
      fetch(base + path, { method, ...init })
        .then(async (reply) => {
          if (reply.type !== "opaque") report({ how, method, path, status: reply.status, text: await reply.text() });
        })
        .catch(() => undefined),
    );
  for (const { method, path } of routes) {
    const body = method === "GET" || method === "HEAD" ? {} : { body: "{}" };
    attempt("plain", method, path, body);
    attempt("text", method, path, { ...body, headers: { "Content-Type": "text/plain" } });
    attempt("json", method, path, { ...body, headers: { "Content-Type": "application/json" } });
    attempt("token", method, path, {
      ...body,
      headers: { Authorization: `Bearer imp_${"0".repeat(16)}_${"0".repeat(64)}` },
    });
    attempt("cookies", method, path, { ...body, credentials: "include" });
    if (["GET", "HEAD", "POST"].includes(method)) attempt("no-cors", method, path, { ...body, mode: "no-cors" });
    navigator.sendBeacon?.(base + path, "{}");
    navigator.sendBeacon?.(base + path, new Blob(["{}"], { type: "text/plain" }));
    const tag = TAGS[attempts.length % TAGS.length] as string;
    const element = document.createElement(tag);
    for (const name of ["src", "href", "data"]) element.setAttribute(name, base + path);
    element.setAttribute("rel", "stylesheet");
    document.body.append(element);
    if (method !== "POST") continue;
    const frame = document.createElement("iframe");
    frame.name = path;
    const form = document.createElement("form");
    const enctype = ENCTYPES[attempts.length % ENCTYPES.length] as string;
    Object.assign(form, { action: base + path, method: "post", enctype, target: path });
    const field = document.createElement("input");
    Object.assign(field, { name: '{"x":"', value: '"}' });
    form.append(field);
    document.body.append(frame, form);
    try {
      form.submit();
    } catch {
      // A sandbox without allow-forms.
    }
  }
  for (const path of ["/", "/photopea/"]) {
    const frame = document.createElement("iframe");
    frame.name = `framed ${path}`;
    frame.src = base + path;
    document.body.append(frame);
  }
  return Promise.all(attempts).then(() => {
    top?.postMessage({ from, finished: true }, "*");
  });
}

const FRAMES = ["sandboxed srcdoc", "data", "blob"] as const;
/** The page itself and its frames. */
export const ATTACKERS = ["page", ...FRAMES];

export function hostilePage(base: string): string {
  const routes = Object.values<Route>(ROUTES).map((route) => ({ method: route.method, path: exampleOf(route) }));
  const call = (from: string) =>
    `(${attack})(${JSON.stringify(from)}, ${JSON.stringify(base)}, ${JSON.stringify(routes)})`;
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
