// A network of others in a process of its own: it may crash, hang or eat memory there. Every call has its time; what
// takes longer is ended, and the process with it.

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../package-root.ts";
import { type ErrorBody, ImpastoError, parseErrorBody } from "../protocol/errors.ts";
import { isRecord } from "../protocol/parsing.ts";
import type { Feed, FileFacts, FileToOpen, FromModel, Output, Part, ToModel } from "./model-messages.ts";
import { TOO_MUCH_MEMORY } from "./watch-over.ts";

export interface ModelFiles {
  main: FileToOpen;
  style?: FileToOpen | undefined;
}

export interface ModelProcessOptions {
  threads: number;
  /** Resident bytes at which it is ended. */
  limitBytes: number;
  /** Until the files are open; a network of half a gigabyte takes its time. */
  openMs?: number;
  /** The child's module; dist/model-child.js where not given. */
  childPath?: string;
  /** Ends the process. */
  signal?: AbortSignal | undefined;
}

const OPEN_MS = 120_000;
/** Of what it prints before it dies, for --verbose. */
const MAX_LAST_WORDS = 4_096;

export class ModelProcess {
  readonly facts: { main: FileFacts; style: FileFacts | null };
  readonly #channel: Channel;

  private constructor(channel: Channel, facts: { main: FileFacts; style: FileFacts | null }) {
    this.#channel = channel;
    this.facts = facts;
  }

  /** Throws ImpastoError: bad-network, file-not-found, file-not-readable, hash-mismatch, out-of-memory, engine-crashed. */
  static async open(files: ModelFiles, options: ModelProcessOptions): Promise<ModelProcess> {
    const { childPath = join(packageRoot(), "dist", "model-child.js"), openMs = OPEN_MS } = options;
    const channel = new Channel(childPath, options.limitBytes);
    options.signal?.addEventListener("abort", () => channel.close(), { once: true });
    if (options.signal?.aborted) channel.close();
    try {
      const { main, style } = files;
      const order: ToModel = { type: "open", files: { main, ...(style && { style }) }, threads: options.threads };
      const answer = await channel.ask(order, openMs);
      if (answer.type !== "opened" || answer.facts.main === undefined) throw strange();
      return new ModelProcess(channel, { main: answer.facts.main, style: answer.facts.style ?? null });
    } catch (error) {
      channel.close();
      throw error;
    }
  }

  /** The most bytes that it held so far. */
  get peakBytes(): number {
    return this.#channel.peakBytes;
  }

  get isAlive(): boolean {
    return this.#channel.isAlive;
  }

  /** One output of one pass. After a failure other than the network's own refusal the process is gone. */
  async run(part: Part, feeds: readonly Feed[], output: string, timeoutMs: number): Promise<Output> {
    const answer = await this.#channel.ask({ type: "run", part, feeds: [...feeds], output }, timeoutMs);
    if (answer.type !== "ran") throw strange();
    return answer.output;
  }

  close(): void {
    this.#channel.close();
  }
}

interface Waiting {
  resolve(answer: FromModel): void;
  reject(error: ImpastoError): void;
}

/** One question at a time. */
class Channel {
  readonly #child: ChildProcess;
  #waiting: Waiting | null = null;
  #lastWords = "";
  #gone: ImpastoError | null = null;
  peakBytes = 0;

  constructor(childPath: string, limitBytes: number) {
    this.#child = fork(childPath, [String(process.pid), String(limitBytes)], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: [],
    });
    this.#child.stderr?.on("data", (words: Buffer) => {
      this.#lastWords = (this.#lastWords + words.toString("latin1")).slice(-MAX_LAST_WORDS);
    });
    this.#child.on("message", (message) => this.#hear(message));
    this.#child.on("error", (error) => this.#end(crashed(error.message)));
    // Not "exit": what it said last comes before.
    this.#child.on("close", (code, signal) => this.#end(this.#reason(signal ?? `exit code ${code}`)));
    this.#rest();
  }

  get isAlive(): boolean {
    return this.#gone === null;
  }

  async ask(question: ToModel, timeoutMs: number): Promise<FromModel> {
    if (this.#gone !== null) throw this.#gone;
    if (this.#waiting !== null) throw new ImpastoError("busy", "The network is at work.");
    this.#child.ref();
    this.#child.channel?.ref();
    const timer = setTimeout(() => this.#end(tooSlow(timeoutMs)), timeoutMs);
    try {
      return await new Promise<FromModel>((resolve, reject) => {
        this.#waiting = { resolve, reject };
        this.#child.send(question, (error) => {
          if (error !== null) this.#end(crashed(error.message));
        });
      });
    } finally {
      clearTimeout(timer);
      this.#rest();
    }
  }

  close(): void {
    this.#end(new ImpastoError("cancelled", "The network was closed."));
  }

  /** While it is at rest it keeps nobody from ending. */
  #rest(): void {
    this.#child.unref();
    this.#child.channel?.unref();
    const stream = this.#child.stderr;
    if (stream !== null && "unref" in stream && typeof stream.unref === "function") stream.unref();
  }

  #hear(message: unknown): void {
    const waiting = this.#waiting;
    const answer = parseFromModel(message);
    if (waiting === null) return;
    this.#waiting = null;
    if (answer === null) {
      waiting.reject(strange());
      this.#end(strange());
    } else if (answer.type === "refused") {
      waiting.reject(ImpastoError.fromBody(answer.error));
    } else {
      this.peakBytes = Math.max(this.peakBytes, answer.peakBytes);
      waiting.resolve(answer);
    }
  }

  #end(error: ImpastoError): void {
    if (this.#gone !== null) return;
    this.#gone = error;
    this.#child.kill("SIGKILL");
    if (this.#child.connected) this.#child.disconnect();
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(error);
  }

  #reason(how: string): ImpastoError {
    if (!this.#lastWords.includes(TOO_MUCH_MEMORY)) return crashed(`${how} ${this.#lastWords}`.trim());
    return new ImpastoError("out-of-memory", "The network took more memory than this machine can give it.", {
      hint: "Choose a smaller size, or paint in smaller windows: --model-tile 512.",
    });
  }
}

/** Null for what is no answer. The process has opened what strangers made, so nothing it says is believed unseen. */
function parseFromModel(message: unknown): FromModel | null {
  if (!isRecord(message)) return null;
  const { type, peakBytes, output, facts } = message;
  if (type === "refused") {
    const error: ErrorBody | null = parseErrorBody(message.error);
    return error === null ? null : { type, error };
  }
  if (typeof peakBytes !== "number") return null;
  if (type === "ran" && isOutput(output)) return { type, output, peakBytes };
  if (type === "opened" && isRecord(facts))
    return { type, facts: facts as Partial<Record<Part, FileFacts>>, peakBytes };
  return null;
}

function isOutput(value: unknown): value is Output {
  if (!isRecord(value) || !(value.data instanceof Float32Array) || !Array.isArray(value.shape)) return false;
  const { shape, data } = value;
  return shape.every((side) => Number.isSafeInteger(side)) && shape.reduce((a, b) => a * b, 1) === data.length;
}

function strange(): ImpastoError {
  return new ImpastoError("engine-crashed", "The network's process said something strange.", { hint: "Try again." });
}

function crashed(cause: string): ImpastoError {
  return new ImpastoError("engine-crashed", "The network ended its process.", {
    hint: "It cannot be used here; a smaller size may help.",
    cause,
  });
}

function tooSlow(ms: number): ImpastoError {
  return new ImpastoError("bad-network", `The network took more than ${Math.round(ms / 1000)} s, so it was ended.`, {
    hint: "It may have no end. Try a smaller size.",
  });
}
