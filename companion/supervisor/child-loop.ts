// The engine child: takes orders from its parent, one run at a time, says that it is alive every second,
// and leaves at once when the parent is gone, however that went.

import { ImpastoError } from "../protocol/errors.ts";
import { type FileSystem, realFileSystem } from "../storage/file-system.ts";
import { answerCall } from "./answer-call.ts";
import type { ChildEngine } from "./child-engine.ts";
import { ChildJob } from "./child-job.ts";
import { DecodedPictures } from "./decoded-pictures.ts";
import { LivePainter } from "./live-painter.ts";
import type { CallMessage, FromChild, ToChild } from "./messages.ts";

const BEAT_MS = 1_000;

/** Serves until the parent is gone; never returns control of the process. */
export function serveEngine(engine: ChildEngine, fileSystem: FileSystem = realFileSystem): void {
  const parent = Number(process.argv[2]);
  const live = new LivePainter(engine, fileSystem);
  const pictures = new DecodedPictures(fileSystem);
  /** Of the calls that are not answered yet. */
  const withdrawals = new Map<number, AbortController>();
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
        withdrawals.get(message.call)?.abort();
        return;
    }
  });

  async function answer(message: CallMessage): Promise<void> {
    const { call } = message;
    const withdrawal = new AbortController();
    withdrawals.set(call, withdrawal);
    const news = (value: unknown) => send({ type: "news", call, value });
    try {
      const parts = { engine, fileSystem, live, news, withdrawn: withdrawal.signal };
      send({ type: "answer", call, value: await answerCall(message, parts) });
    } catch (error) {
      const known =
        error instanceof ImpastoError
          ? error
          : new ImpastoError("internal", "The engine failed to answer.", { cause: error });
      send({ type: "refused", call, error: known.toBody() });
    } finally {
      withdrawals.delete(call);
    }
  }

  send({ type: "ready" });
}
