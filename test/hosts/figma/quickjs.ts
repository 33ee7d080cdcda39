// Runs the built plugin in QuickJS beside the stand-in document, with the globals that Figma's VM has and no others.
// The document lives inside the VM; only pictures leave it, to be drawn by sharp.

import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { getQuickJS, type QuickJSContext, type QuickJSHandle } from "quickjs-emscripten";
import sharp from "sharp";

/** Functions that `inside.ts` puts on the VM's global object, called with and answering JSON. */
export interface PluginVm {
  /** Calls a function of inside.ts; promises are awaited, Uint8Array crosses as { bytes: base64 }. */
  call<T>(name: string, argument?: unknown): Promise<T>;
  dispose(): void;
}

const ROOT = new URL("../../../", import.meta.url);

/** `code` is the built plugin (dist/code.js). */
export async function startPluginVm(code: string): Promise<PluginVm> {
  const quickjs = await getQuickJS();
  const vm = quickjs.newContext();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  defineGlobals(vm, timers);
  evaluate(vm, await bundleInside(), "inside.js");
  vm.setProp(vm.global, "pluginCode", vm.newString(code));
  let calls = 0;
  return {
    async call<T>(name: string, argument: unknown = null): Promise<T> {
      const slot = `result${++calls}`;
      const text = JSON.stringify(JSON.stringify(argument));
      evaluate(
        vm,
        `Promise.resolve().then(() => inside.${name}(JSON.parse(${text}))).then(
           (value) => { globalThis.${slot} = JSON.stringify({ value: value === undefined ? null : value }); },
           (error) => { globalThis.${slot} = JSON.stringify({ error: String(error && error.message || error) }); });`,
        "call.js",
      );
      for (;;) {
        runJobs(vm);
        const done = dump(vm, vm.getProp(vm.global, slot));
        if (typeof done === "string") {
          const { value, error } = JSON.parse(done);
          if (error !== undefined) throw new Error(error);
          return value as T;
        }
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    },
    dispose() {
      for (const timer of timers) clearTimeout(timer);
      vm.dispose();
    },
  };
}

async function bundleInside(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("test/hosts/figma/inside.ts", ROOT))],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "inside",
    target: "es2020",
  });
  return (outputFiles[0] as { text: string }).text;
}

/** console, timers and the two things the stand-in borrows: drawing and base64. Nothing else is there. */
function defineGlobals(vm: QuickJSContext, timers: Set<ReturnType<typeof setTimeout>>): void {
  const set = (name: string, handle: QuickJSHandle): void => {
    vm.setProp(vm.global, name, handle);
    handle.dispose();
  };
  set(
    "hostLog",
    vm.newFunction("hostLog", (text) => {
      console.log(vm.getString(text));
    }),
  );
  set(
    "setTimeout",
    vm.newFunction("setTimeout", (callback, delay) => {
      const kept = callback.dup();
      const timer = setTimeout(() => {
        timers.delete(timer);
        vm.unwrapResult(vm.callFunction(kept, vm.undefined)).dispose();
        kept.dispose();
        runJobs(vm);
      }, vm.getNumber(delay));
      timers.add(timer);
      return vm.newNumber(0);
    }),
  );
  set(
    "hostRasterize",
    vm.newFunction("hostRasterize", (svg, width, height) => {
      const promise = vm.newPromise();
      const size = { width: vm.getNumber(width), height: vm.getNumber(height) };
      sharp(Buffer.from(vm.getString(svg)), { limitInputPixels: false })
        .resize(size.width, size.height, { fit: "fill" })
        .png()
        .toBuffer()
        .then(
          (png) => vm.newString(png.toString("base64")).consume((text) => promise.resolve(text)),
          (error: Error) => vm.newError(error.message).consume((handle) => promise.reject(handle)),
        )
        .finally(() => runJobs(vm));
      promise.settled.then(() => runJobs(vm));
      return promise.handle;
    }),
  );
}

function runJobs(vm: QuickJSContext): void {
  const result = vm.runtime.executePendingJobs();
  if (result.error) {
    const error = dump(vm, result.error);
    throw new Error(`in the plugin's VM: ${JSON.stringify(error)}`);
  }
}

function evaluate(vm: QuickJSContext, code: string, file: string): void {
  const result = vm.evalCode(code, file);
  if (result.error) throw new Error(`in the plugin's VM: ${JSON.stringify(dump(vm, result.error))}`);
  result.value.dispose();
}

function dump(vm: QuickJSContext, handle: QuickJSHandle): unknown {
  const value: unknown = vm.dump(handle);
  handle.dispose();
  return value;
}
