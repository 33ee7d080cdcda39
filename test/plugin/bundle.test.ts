// dist/code.js as Figma's VM will read it: small, old syntax, and nothing of a browser or of Node.

import { transform } from "esbuild";
import { expect, test } from "vitest";
import { startPluginVm } from "../hosts/figma/quickjs.ts";
import { pluginCode } from "./open-plugin.ts";

const LIMIT_BYTES = 60_000;

/** What browsers and Node have and Figma's VM has not (facts of Figma's documentation on how plugins run). */
const ABSENT_GLOBALS = [
  ...["window", "document", "navigator", "location", "self", "parent", "top", "globalThis", "global", "process"],
  ...["require", "module", "exports", "Buffer", "URL", "URLSearchParams", "Blob", "File", "FileReader", "FormData"],
  ...["Headers", "Request", "Response", "AbortController", "AbortSignal", "TextEncoder", "TextDecoder", "atob", "btoa"],
  ...["crypto", "performance", "Intl", "WebAssembly", "Worker", "MessageChannel", "Event", "EventTarget", "Image"],
  ...["ImageData", "OffscreenCanvas", "createImageBitmap", "requestAnimationFrame", "queueMicrotask", "postMessage"],
  ...["localStorage", "indexedDB", "caches", "XMLHttpRequest", "WebSocket", "EventSource", "eval", "Function"],
];

test("the bundle is smaller than 60 kB", async () => {
  expect((await pluginCode()).length).toBeLessThan(LIMIT_BYTES);
});

test("the bundle refers to no global of a browser or of Node", async () => {
  const code = await pluginCode();
  const marks = Object.fromEntries(ABSENT_GLOBALS.map((name) => [name, `absent_${name}`]));
  const { code: marked } = await transform(code, { define: marks });
  expect([...marked.matchAll(/absent_\w+/g)].map(String)).toEqual([]);
});

test("the check for globals finds one", async () => {
  const { code } = await transform("export const f = () => document.title;", {
    define: { document: "absent_document" },
  });
  expect(code).toContain("absent_document");
});

test("the bundle has no syntax newer than ES2017", async () => {
  const code = await pluginCode();
  const { code: lowered } = await transform(code, { target: "es2017" });
  const { code: kept } = await transform(code, { target: "esnext" });
  expect(kept === lowered).toBe(true);
});

test("the bundle runs where there are no other globals than Figma's", async () => {
  const vm = await startPluginVm(await pluginCode());
  await vm.open();
  const globals = await vm.globals();
  for (const name of ABSENT_GLOBALS.filter(
    (name) => !["globalThis", "eval", "Function", "queueMicrotask"].includes(name),
  )) {
    expect(globals).not.toContain(name);
  }
  expect(await vm.shown()).toEqual([{ width: 320, height: 560, themeColors: true, title: "Impasto" }]);
  vm.dispose();
});
