// Runs the built plugin in QuickJS beside the stand-in document, with the globals that Figma's VM has and no others.
// The document lives inside the VM; only pictures leave it, to be drawn by sharp.

import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { getQuickJS, type QuickJSContext, type QuickJSHandle } from "quickjs-emscripten";
import sharp from "sharp";
import type { Inside, StandInEvent } from "./inside.ts";

type Awaitable<F> = F extends (...given: infer A) => infer R ? (...given: A) => Promise<Awaited<R>> : never;

/** The functions of inside.ts. Arguments and results cross as plain data and Uint8Array. */
export type PluginVm = { [Name in keyof Inside]: Awaitable<Inside[Name]> } & { dispose(): void };

export interface VmListeners {
  onEvent?(event: StandInEvent): void;
  /** Console output of the plugin. */
  onLog?(text: string): void;
}

const ROOT = new URL("../../../", import.meta.url);
/** Far below what a leak needs to go unnoticed. */
const MEMORY_LIMIT_BYTES = 512 * 1024 * 1024;

/** `code` is the built plugin (dist/code.js). */
export async function startPluginVm(code: string, listeners: VmListeners = {}): Promise<PluginVm> {
  const vm = (await getQuickJS()).newContext();
  vm.runtime.setMemoryLimit(MEMORY_LIMIT_BYTES);
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const settle = (id: number, message: string, isError: boolean): void => {
    const { value, error } = JSON.parse(message, unpackBytes) as { value?: unknown; error?: string };
    if (isError) pending.get(id)?.reject(new Error(error));
    else pending.get(id)?.resolve(value);
    pending.delete(id);
  };
  defineGlobals(vm, timers, listeners, settle);
  evaluate(vm, await bundleInside(), "inside.js");
  let calls = 0;
  const call = (name: string, given: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      calls += 1;
      pending.set(calls, { resolve, reject });
      const text = JSON.stringify(JSON.stringify(given, packBytes));
      evaluate(vm, `inside.callFromHost(${calls}, ${JSON.stringify(name)}, ${text})`, "call.js");
      runJobs(vm);
    });
  return new Proxy({} as PluginVm, {
    get: (_, name) => {
      // Not a promise.
      if (typeof name === "symbol" || name === "then") return undefined;
      if (name === "open") {
        return async (...given: unknown[]) => {
          await call("open", given);
          evaluate(vm, code, "code.js");
          await call("run", []);
        };
      }
      if (name !== "dispose") return (...given: unknown[]) => call(name, given);
      return () => {
        for (const timer of timers) clearTimeout(timer);
        vm.dispose();
      };
    },
  });
}

/** Bytes in JSON, as { $bytes }. */
export function packBytes(_key: string, value: unknown): unknown {
  // A Buffer was turned into { type: "Buffer", data } already.
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  return value;
}

export function unpackBytes(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("$bytes" in value)) return value;
  return new Uint8Array(Buffer.from(value.$bytes as string, "base64"));
}

let bundled: Promise<string> | undefined;

function bundleInside(): Promise<string> {
  bundled ??= build({
    entryPoints: [fileURLToPath(new URL("test/hosts/figma/inside.ts", ROOT))],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "inside",
    target: "es2020",
  }).then(({ outputFiles }) => (outputFiles[0] as { text: string }).text);
  return bundled;
}

/** Timers and what the stand-in borrows: drawing, base64, a way out. Nothing else is there. */
function defineGlobals(
  vm: QuickJSContext,
  timers: Set<ReturnType<typeof setTimeout>>,
  listeners: VmListeners,
  settle: (id: number, message: string, isError: boolean) => void,
): void {
  const define = (name: string, make: (...given: QuickJSHandle[]) => QuickJSHandle): void => {
    vm.newFunction(name, make).consume((made) => vm.setProp(vm.global, name, made));
  };
  const startTimer = (callback: QuickJSHandle, delayMs: number, repeats: boolean): number => {
    const kept = callback.dup();
    const fire = (): void => {
      vm.unwrapResult(vm.callFunction(kept, vm.undefined)).dispose();
      if (!repeats) stopTimer(timer);
      runJobs(vm);
    };
    const stopTimer = (stopped: ReturnType<typeof setTimeout>): void => {
      if (timers.delete(stopped)) kept.dispose();
    };
    const timer = repeats ? setInterval(fire, delayMs) : setTimeout(fire, delayMs);
    timers.add(timer);
    return Number(timer);
  };
  for (const [name, repeats] of [
    ["setTimeout", false],
    ["setInterval", true],
  ] as const) {
    define(name, (callback, delay) =>
      vm.newNumber(startTimer(callback as QuickJSHandle, delay === undefined ? 0 : vm.getNumber(delay), repeats)),
    );
  }
  for (const name of ["clearTimeout", "clearInterval"]) {
    define(name, (id) => {
      const wanted = id === undefined ? Number.NaN : vm.getNumber(id);
      for (const timer of timers) if (Number(timer) === wanted) clearTimeout(timer);
      return vm.undefined;
    });
  }
  define("hostLog", (text) => {
    listeners.onLog?.(vm.getString(text as QuickJSHandle));
    return vm.undefined;
  });
  define("hostTell", (text) => {
    const event = JSON.parse(vm.getString(text as QuickJSHandle), unpackBytes) as StandInEvent;
    // Later: a listener may answer, and the VM is not to be entered twice.
    queueMicrotask(() => listeners.onEvent?.(event));
    return vm.undefined;
  });
  define("hostSettle", (id, text, isError) => {
    settle(vm.getNumber(id as QuickJSHandle), vm.getString(text as QuickJSHandle), vm.dump(isError as QuickJSHandle));
    return vm.undefined;
  });
  define("hostToBase64", (buffer) => {
    const memory = vm.getArrayBuffer(buffer as QuickJSHandle);
    const text = Buffer.from(memory.value).toString("base64");
    memory.dispose();
    return vm.newString(text);
  });
  define("hostFromBase64", (text) => arrayBuffer(vm, Buffer.from(vm.getString(text as QuickJSHandle), "base64")));
  define("hostRasterize", (svg, width, height) => {
    const promise = vm.newPromise();
    const size = { width: vm.getNumber(width as QuickJSHandle), height: vm.getNumber(height as QuickJSHandle) };
    sharp(Buffer.from(vm.getString(svg as QuickJSHandle)), { limitInputPixels: false, unlimited: true })
      .resize(size.width, size.height, { fit: "fill" })
      .png()
      .toBuffer()
      .then(
        (png) => vm.alive && arrayBuffer(vm, png).consume((bytes) => promise.resolve(bytes)),
        (error: Error) => vm.alive && vm.newError(error.message).consume((handle) => promise.reject(handle)),
      );
    promise.settled.then(() => vm.alive && runJobs(vm));
    return promise.handle;
  });
}

function arrayBuffer(vm: QuickJSContext, bytes: Buffer): QuickJSHandle {
  return vm.newArrayBuffer(new Uint8Array(bytes).buffer);
}

function runJobs(vm: QuickJSContext): void {
  const result = vm.runtime.executePendingJobs();
  if (result.error) throw new Error(`in the plugin's VM: ${JSON.stringify(result.error.consume(vm.dump))}`);
  result.dispose();
}

function evaluate(vm: QuickJSContext, code: string, file: string): void {
  const result = vm.evalCode(code, file);
  if (result.error) throw new Error(`in the plugin's VM: ${JSON.stringify(result.error.consume(vm.dump))}`);
  result.value.dispose();
}
