// Why the engine, or something that was asked of it, came to an end: as a designer reads it.

import { isThreadRefusal, outOfThreads } from "../out-of-threads.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { stoodStill } from "./stall-watch.ts";

/** How the reason begins for a child that never said that it was ready. */
const NOT_STARTED = "it did not start";

export function notStarted(why: string): string {
  return `${NOT_STARTED}: ${why}`;
}

export function inWork(): ImpastoError {
  return new ImpastoError("busy", "A picture is in work, and comes first.", { hint: "Wait until it is done." });
}

export function givenUp(): ImpastoError {
  return new ImpastoError("cancelled", "It was given up.");
}

/** Of a GPU that failed: the CPU may still do the job. */
export function isDeviceError(error: ImpastoError): boolean {
  return error.code === "gpu-lost" || error.code === "gpu-out-of-memory";
}

/** `reason`: with which a child ended. */
export function crashed(reason: string): ImpastoError {
  if (isThreadRefusal(reason)) return outOfThreads(reason);
  if (reason.startsWith(NOT_STARTED)) {
    return new ImpastoError("engine-crashed", "The engine could not be started.", {
      hint: "The system may have no memory or threads left for it: close other programs, then see `impasto doctor`.",
      cause: reason,
    });
  }
  if (stoodStill(reason)) {
    return new ImpastoError("engine-crashed", "The engine stood still, twice, so it was ended.", {
      hint: "Update the graphics driver, or choose the CPU as the device; `impasto doctor` tells what works here.",
      cause: reason,
    });
  }
  return new ImpastoError("engine-crashed", "The engine crashed.", {
    hint: "Try a smaller size or another device; `impasto doctor` tells what works here.",
    cause: reason,
  });
}
