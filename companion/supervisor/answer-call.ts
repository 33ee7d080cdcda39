// What the engine child is asked beside painting: each question is one function's.

import { shrinkPng } from "../pictures/shrink-png.ts";
import type { FileSystem } from "../storage/file-system.ts";
import type { ChildEngine } from "./child-engine.ts";
import { convertPicture } from "./convert-picture.ts";
import type { LivePainter } from "./live-painter.ts";
import type { CallMessage } from "./messages.ts";
import { planInput } from "./plan-input.ts";

export interface CallParts {
  engine: ChildEngine;
  fileSystem: FileSystem;
  live: LivePainter;
  /** Tells whoever asked how far it is. */
  news: (value: unknown) => void;
  /** Nobody waits for the answer any more. */
  withdrawn: AbortSignal;
}

/** Throws ImpastoError as what is asked for. */
export async function answerCall(
  message: CallMessage,
  { engine, fileSystem, live, news, withdrawn }: CallParts,
): Promise<unknown> {
  switch (message.name) {
    case "plan":
      return await engine.plan(await planInput(message.argument, fileSystem));
    case "live":
      return await live.paint(message.call, message.argument);
    case "convert":
      return await convertPicture(message.argument, fileSystem);
    case "shrink":
      return await shrinkPng(message.argument);
    case "devices":
      return await engine.devices();
    case "networks":
      return await engine.networks();
    case "pull":
      return await engine.pull(message.argument, (received, total) => news({ received, total }));
    case "examineModel":
      return await engine.examineModel(message.argument, withdrawn);
    case "facts":
      return engine.versions();
  }
}
