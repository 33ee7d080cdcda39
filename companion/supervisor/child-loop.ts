// The engine child: takes orders from its parent, one run at a time, says that it is alive every second,
// and leaves at once when the parent is gone, however that went.

import { shrinkPng } from "../pictures/shrink-png.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { type FileSystem, realFileSystem } from "../storage/file-system.ts";
import type { ChildEngine } from "./child-engine.ts";
import { ChildJob } from "./child-job.ts";
import { convertPicture } from "./convert-picture.ts";
import { LivePainter } from "./live-painter.ts";
import { DecodedPictures } from "./decoded-pictures.ts";
import type { FromChild, ToChild } from "./messages.ts";
import { planInput } from "./plan-input.ts";

const BEAT_MS = 1_000;

/** Serves until the parent is gone; never returns control of the process. */
export function serveEngine(engine: ChildEngine, fileSystem: FileSystem = realFileSystem): void {
  const parent = Number(process.argv[2]);
  const live = new LivePainter(engine, fileSystem);
  const pictures = new DecodedPictures(fileSystem);
  /** Calls that can be given up, beside live pictures. */
  const examinations = new Map<number, AbortController>();
  let job: ChildJob | null = null;

  function send(message: FromChild): void {
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  }

  /** Without exit handlers: they could wait for a native thread that is at work. */
  function leave(): void {
    process.kill(process.pid, "SIGKILL");
  }

  process.on("disconnect", leave);
  // Ctrl-C in a terminal reaches children too, and so does its end; the parent decides when this one goes.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => undefined);
  // What it says about a checkpoint that failed must not end the run.
  process.stderr.on("error", () => undefined);
  setInterval(() => {
    if (process.ppid !== parent) leave();
    send({ type: "beat", residentBytes: process.memoryUsage.rss() });
  }, BEAT_MS);

  process.on("message", (message: ToChild) => {
    switch (message.type) {
      case "run": {
        const own = new ChildJob(message.order, engine, fileSystem, send, pictures);
        job = own;
        void own.work().finally(() => {
          if (job === own) job = null;
        });
        return;
      }
      case "expect":
        pictures.expect(message.picture, message.maxSide);
        return;
      case "update":
        if (job?.id === message.job) job.update(message.change);
        return;
      case "pause":
        if (job?.id === message.job) void job.pause();
        return;
      case "stop":
        if (job?.id === message.job) job.stop();
        return;
      case "cancel":
        if (job?.id === message.job) job.cancel();
        return;
      case "call":
        void answer(message);
        return;
      case "withdraw":
        live.giveUp(message.call);
        examinations.get(message.call)?.abort();
        return;
    }
  });

  async function answer(message: Extract<ToChild, { type: "call" }>): Promise<void> {
    const { call } = message;
    try {
      send({ type: "answer", call, value: await perform(message) });
    } catch (error) {
      const known =
        error instanceof ImpastoError
          ? error
          : new ImpastoError("internal", "The engine failed to answer.", { cause: error });
      send({ type: "refused", call, error: known.toBody() });
    }
  }

  async function perform(message: Extract<ToChild, { type: "call" }>): Promise<unknown> {
    switch (message.name) {
      case "plan": {
        return await engine.plan(await planInput(message.argument, fileSystem));
      }
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
        return await engine.pull(message.argument, (received, total) =>
          send({ type: "news", call: message.call, value: { received, total } }),
        );
      case "examineModel": {
        const abort = new AbortController();
        examinations.set(message.call, abort);
        return await engine
          .examineModel(message.argument, abort.signal)
          .finally(() => examinations.delete(message.call));
      }
      case "facts":
        return engine.versions();
    }
  }

  send({ type: "ready" });
}
