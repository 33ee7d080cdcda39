// Which way TensorFlow.js reaches the GPU of this browser, and the end of it: the first that was offered and works; one
// that gives up in the middle of a picture makes room for the next.

import { ImpastoError } from "../../../../companion/protocol/errors.ts";

/** What the GPU of this browser can do. */
export interface GpuCapabilities {
  backend: GpuBackend["name"];
  /** The GPU's name as the browser tells it; may be masked. */
  name: string;
  /** False on devices that keep 16-bit floats only; gradients are then good to about 1e-2. */
  float32: boolean;
}

/** One way of TensorFlow.js to the GPU. */
export interface GpuBackend {
  readonly name: "webgl" | "webgpu";
  /** False where a failure is taken as a sign that the next way is the better one. */
  readonly canStartAgain: boolean;
  /** Null where this browser does not have it, or has it in a way not worth using. */
  start(onLost: () => void): Promise<GpuCapabilities | null>;
  /** True from the moment it gave up until drop(). To be asked only between start() and drop(). */
  isLost(): boolean;
  /** Gives back memory that was kept for tensors of the sizes used until now. */
  releaseUnused(): void;
  drop(): void;
}

let offered: readonly GpuBackend[] = [];
let current: GpuBackend | null = null;
let ready: Promise<GpuCapabilities> | null = null;
/** Rejects when the browser takes the GPU away; a new one for each start. */
let lost: Promise<never> = new Promise(() => {});

/** In the order of preference; once, before the first startBackend(). */
export function offerBackends(backends: readonly GpuBackend[]): void {
  offered = backends;
}

/** Starts the first backend that works; while it works, once. Throws ImpastoError("no-gpu") where none does. */
export function startBackend(): Promise<GpuCapabilities> {
  ready ??= start().catch((error: unknown) => {
    ready = null;
    throw error;
  });
  return ready;
}

/** For a GPU that gave up: the next startBackend() begins anew. */
export function dropBackend(): void {
  current?.drop();
  if (current?.canStartAgain === false) offered = offered.filter((backend) => backend !== current);
  current = null;
  ready = null;
}

async function start(): Promise<GpuCapabilities> {
  for (const backend of offered) {
    let tell = (): void => {};
    const loss = new Promise<never>((_, reject) => {
      tell = () => reject(new Error("the browser took the graphics processor away"));
    });
    loss.catch(() => {});
    const capabilities = await backend.start(tell);
    if (capabilities === null) continue;
    current = backend;
    lost = loss;
    return capabilities;
  }
  throw new ImpastoError("no-gpu", "This window has no graphics acceleration (WebGL 2), which the panel needs.", {
    hint: "Start the companion, or switch on hardware acceleration in the browser's settings.",
  });
}

/** True from the moment the browser took the GPU away until dropBackend(). */
export function contextLost(): boolean {
  return current?.isLost() === true;
}

/** True where another try may succeed after this error: the GPU was lost, or there is another way to it. */
export function canGoOnAfter(error: unknown): boolean {
  if (contextLost()) return true;
  const ownFault = !(error instanceof ImpastoError) || error.code === "internal";
  return current?.canStartAgain === false && ownFault;
}

/** Gives back what was kept on the GPU for tensors of other sizes. */
export function releaseUnused(): void {
  if (!contextLost()) current?.releaseUnused();
}

/** What waits for a GPU that is gone would wait forever, or read zeros: rejects then. */
export async function orContextLost<T>(work: Promise<T>): Promise<T> {
  const result = await Promise.race([work, lost]);
  // The event comes a turn later than what was read.
  if (contextLost()) await lost;
  return result;
}
