// Inside the process in which a style is learned: reads the pictures, learns, and tells how far it is; leaves with its
// parent, however that went.

import { constants, setPriority } from "node:os";
import { writeFileWhole } from "../files.ts";
import { sharp } from "../pictures/codec.ts";
import { ImpastoError } from "../protocol/errors.ts";
import type { Progress } from "../protocol/progress.ts";
import { type LearningFromFiles, learnFromFiles } from "./learn-from-files.ts";
import type { FromLearner, LearnWork, ToLearner } from "./learn-messages.ts";

const PREVIEW_EVERY_MS = 2_000;
const PREVIEW_JPEG_QUALITY = 90;
const LOOK_MS = 1_000;

export function serveLearning(): void {
  const parent = Number(process.argv[2]);
  process.on("disconnect", leave);
  // Ctrl-C in a terminal reaches children too; the parent decides when this one goes.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => undefined);
  setInterval(() => {
    if (process.ppid !== parent) leave();
  }, LOOK_MS);
  giveWay();
  let learner: Learner | null = null;
  process.on("message", (message: ToLearner) => {
    if (message.type === "learn") learner = new Learner(message.work);
    else learner?.tell(message.type);
  });
}

class Learner {
  readonly #work: LearnWork;
  /** Null while pictures are read. */
  #learning: LearningFromFiles | null = null;
  #paused = false;
  #stopped = false;
  #previewing = false;
  #previewAt = Number.NEGATIVE_INFINITY;

  constructor(work: LearnWork) {
    this.#work = work;
    void this.#run().catch((error: unknown) => send({ type: "failed", error: bodyOf(error) }));
  }

  tell(what: "pause" | "resume" | "stop"): void {
    if (what === "stop") this.#stopped = true;
    else this.#paused = what === "pause";
    this.#learning?.[what]();
  }

  async #run(): Promise<void> {
    const learning = await learnFromFiles(this.#work, (progress) => this.#onProgress(progress));
    this.#learning = learning;
    if (this.#paused) learning.pause();
    if (this.#stopped) learning.stop();
    const { file, ...learned } = await learning.result;
    if (learned.steps === 0) throw new ImpastoError("cancelled", "Ended before anything was learned.");
    await writeFileWhole(this.#work.out, file, { force: true });
    send({ type: "finished", learned: { ...learned, bytes: file.length } });
  }

  #onProgress(progress: Progress): void {
    send({ type: "progress", progress });
    const due = performance.now() - this.#previewAt >= PREVIEW_EVERY_MS;
    if (progress.phase === "learn" && due && !this.#previewing) void this.#makePreview();
  }

  /** The next one may succeed; nothing depends on it. */
  async #makePreview(): Promise<void> {
    this.#previewing = true;
    try {
      const preview = await this.#learning?.preview();
      if (preview === null || preview === undefined) return;
      const { width, height, rgb } = preview;
      const raw = { width, height, channels: 3 } as const;
      const jpeg = await sharp(rgb, { raw }).jpeg({ quality: PREVIEW_JPEG_QUALITY }).toBuffer();
      await writeFileWhole(this.#work.preview, jpeg, { force: true });
      send({ type: "preview" });
    } catch {
    } finally {
      this.#previewing = false;
      this.#previewAt = performance.now();
    }
  }
}

/** Pictures that somebody waits for come first. */
function giveWay(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Then it is as fast as they are.
  }
}

/** Without exit handlers: they could wait for a native thread that is at work. */
function leave(): void {
  process.kill(process.pid, "SIGKILL");
}

function send(message: FromLearner): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function bodyOf(error: unknown) {
  const known =
    error instanceof ImpastoError
      ? error
      : new ImpastoError("internal", "Learning failed for a reason that was not expected.", { cause: error });
  return known.toBody();
}
