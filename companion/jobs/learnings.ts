// Styles that the companion learns, one at a time, in a process of its own. Each has a record beside its file, so that what
// was learned can be had later, and what a companion left in the middle goes on from where it was put aside.

import { readdirSync, readFileSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { writeFileWhole } from "../files.ts";
import type { Bytes, LearningDesk } from "../job-service.ts";
import { styleAlone } from "../learned/add-members.ts";
import type { StartLearning } from "../learned/learning-process.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { type Learned, type Learning, type LearningRequest, LearningSchema } from "../protocol/learnings.ts";
import { ROLE_NAMES } from "../protocol/request.ts";
import type { PictureRef } from "../protocol/request-schema.ts";
import { DEFAULT_SETTINGS, parsePartialSettings } from "../protocol/settings.ts";
import { ensurePrivateFolder } from "../storage/data-folder.ts";
import { isOf } from "../supervisor/parse-message.ts";
import type { PictureStore } from "./picture-store.ts";
import { newId } from "./submit-once.ts";

/** Records of the latest; each has a file of some 2 MB. */
const MOST_KEPT = 20;

export class Learnings implements LearningDesk {
  readonly #folder: string;
  readonly #pictures: Pick<PictureStore, "path" | "require">;
  readonly #startLearning: StartLearning;
  readonly #records: Map<string, Learning>;
  #inWork: { id: string; process: ReturnType<StartLearning> } | null = null;
  #saving: Promise<void> = Promise.resolve();

  constructor(folder: string, pictures: Pick<PictureStore, "path" | "require">, startLearning: StartLearning) {
    ensurePrivateFolder(folder);
    this.#folder = folder;
    this.#pictures = pictures;
    this.#startLearning = startLearning;
    this.#records = readRecords(folder);
  }

  list(): Learning[] {
    return [...this.#records.values()].sort((one, other) => other.createdAt - one.createdAt);
  }

  get(id: string): Learning {
    const record = this.#records.get(id);
    if (record === undefined) throw new ImpastoError("not-found", "There is no such learned style.");
    return record;
  }

  async submit(request: LearningRequest): Promise<Learning> {
    parsePartialSettings(request.settings);
    this.#requireIdle();
    const { style, others = [], into, frames } = request;
    const pictures = [style, ...others, ...frames, ...(into === undefined ? [] : [into])];
    await this.#pictures.require(pictures.map(({ sha256 }) => sha256));
    // Meanwhile another may have begun.
    this.#requireIdle();
    const rest = { progress: null, preview: 0, learned: null, error: null };
    const record: Learning = { id: newId(), state: "running", request, createdAt: Date.now(), ...rest };
    this.#records.set(record.id, record);
    this.#start(record);
    this.#dropOldest();
    return this.#change(record.id, {});
  }

  change(id: string, { action }: { action: "pause" | "resume" | "stop" }): Learning {
    const { state } = this.get(id);
    const isOver = state === "finished" || state === "cancelled";
    if (isOver || (state === "failed" && action !== "resume")) {
      throw new ImpastoError("conflict", "This style is not being learned any more.");
    }
    if (this.#inWork?.id === id) {
      this.#inWork.process.tell(action);
      // A paused one that is to stop has to go on for that.
      return this.#change(id, { state: action === "pause" ? "paused" : "running" });
    }
    if (action !== "resume") return this.get(id);
    this.#requireIdle();
    this.#start(this.get(id));
    return this.#change(id, { state: "running", error: null });
  }

  /** Ends it where it is being learned, and removes it. */
  async remove(id: string): Promise<Learning> {
    const record = this.get(id);
    if (this.#inWork?.id === id) this.#end();
    this.#records.delete(id);
    await this.#saving;
    for (const kind of ["json", "jpg", "impasto-style"] as const) rmSync(this.#path(id, kind), { force: true });
    return record.state === "running" || record.state === "paused" ? { ...record, state: "cancelled" } : record;
  }

  async preview(id: string): Promise<Bytes> {
    const { preview } = this.get(id);
    if (preview === 0) throw new ImpastoError("not-found", "There is no picture of it yet.");
    return jpeg(await this.#read(id, "jpg"));
  }

  async result(id: string, style?: number): Promise<Bytes> {
    if (this.get(id).learned === null) throw new ImpastoError("conflict", "This style is not learned yet.");
    const whole = await this.#read(id, "impasto-style");
    return jpeg(style === undefined ? whole : styleAlone(whole, style));
  }

  /** What is being learned goes on with the next companion, when it is asked to. */
  async close(): Promise<void> {
    if (this.#inWork !== null) this.#change(this.#inWork.id, { state: "paused" });
    this.#end();
    await this.#saving;
  }

  #requireIdle(): void {
    if (this.#inWork === null) return;
    throw new ImpastoError("busy", "Another style is being learned.", {
      hint: "Wait until it is done, or cancel it.",
    });
  }

  #start({ id, request }: Learning): void {
    const file = ({ sha256, name }: PictureRef, role: "style" | "content") => ({
      path: this.#pictures.path(sha256),
      name: name ?? ROLE_NAMES[role],
    });
    const { strength, styleScale, seed, threads } = { ...DEFAULT_SETTINGS, ...request.settings };
    const work = {
      styles: [request.style, ...(request.others ?? [])].map((style) => file(style, "style")),
      own: request.own ?? null,
      ...(request.into && { into: file(request.into, "style") }),
      frames: request.frames.map((frame) => file(frame, "content")),
      minutes: request.minutes,
      settings: { strength, styleScale, seed, threads },
      out: this.#path(id, "impasto-style"),
      preview: this.#path(id, "jpg"),
    };
    const process = this.#startLearning(work, {
      progress: (progress) => this.#note(id, { progress }),
      preview: () => this.#note(id, { preview: this.get(id).preview + 1 }),
      settled: (outcome) => this.#settle(id, outcome),
    });
    this.#inWork = { id, process };
  }

  #settle(id: string, outcome: Learned | ImpastoError): void {
    this.#inWork = null;
    if (!(outcome instanceof ImpastoError)) this.#change(id, { state: "finished", learned: outcome });
    else if (outcome.code === "cancelled") this.#change(id, { state: "cancelled" });
    else this.#change(id, { state: "failed", error: outcome.toBody() });
  }

  #end(): void {
    this.#inWork?.process.end();
    this.#inWork = null;
  }

  /** In memory alone: it comes many times a second. */
  #note(id: string, change: Partial<Learning>): Learning {
    const record = { ...this.get(id), ...change };
    this.#records.set(id, record);
    return record;
  }

  #change(id: string, change: Partial<Learning>): Learning {
    const record = this.#note(id, change);
    const write = () => writeFileWhole(this.#path(id, "json"), Buffer.from(JSON.stringify(record)));
    // A record that cannot be written is lost with this process; the learned style is not.
    this.#saving = this.#saving.then(() => (this.#records.has(id) ? write() : undefined)).catch(() => undefined);
    return record;
  }

  #dropOldest(): void {
    for (const { id } of this.list().slice(MOST_KEPT)) void this.remove(id).catch(() => undefined);
  }

  #read(id: string, kind: "jpg" | "impasto-style"): Promise<Uint8Array> {
    return readFile(this.#path(id, kind)).catch(() => {
      throw new ImpastoError("not-found", "The file of this learned style is gone.", { hint: "Learn it again." });
    });
  }

  #path(id: string, kind: "json" | "jpg" | "impasto-style"): string {
    return join(this.#folder, `${id}.${kind}`);
  }
}

function jpeg(bytes: Uint8Array): Bytes {
  return { stream: Readable.from([bytes]), bytes: bytes.length, contentType: "image/jpeg" };
}

/** Nothing is being learned when a companion starts: what was, waits to be resumed. */
function readRecords(folder: string): Map<string, Learning> {
  const records = new Map<string, Learning>();
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".json"))) {
    try {
      const record: unknown = JSON.parse(readFileSync(join(folder, name), "utf8"));
      if (!isOf(LearningSchema, record) || name !== `${record.id}.json`) continue;
      records.set(record.id, record.state === "running" ? { ...record, state: "paused" } : record);
    } catch {
      // Damaged, or of a later version: it is not shown.
    }
  }
  return records;
}
