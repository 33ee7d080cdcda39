// Power cuts, replayed: a companion and its child work while every write, sync, rename and commit is recorded, and
// every promise to the client too. Then, for a moment between any two of them, the disk is rebuilt as a power cut
// could have left it, a companion is started on it, and the promises made until then are held against it.

import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { LocalJobService } from "../../../companion/jobs/job-service.ts";
import { inputsOf } from "../../../companion/ledger/job-record.ts";
import { Ledger } from "../../../companion/ledger/ledger.ts";
import { migrate } from "../../../companion/ledger/schema.ts";
import { dataPaths, ensurePrivateFolder } from "../../../companion/storage/data-folder.ts";
import { type Database, openDatabase } from "../../../companion/storage/database.ts";
import { seeded } from "../server/seeded.ts";
import { contentOf, type DiskEvent, encodeEvent, recordingFileSystem } from "./file-systems.ts";
import { finished, newKey, openTestService, readAll, request, temporaryFolder, upload } from "./job-service.ts";
import { noisePng, sha256 } from "./pictures.ts";

type Event =
  | DiskEvent
  | { type: "commit"; database: Buffer; log: Buffer }
  | { type: "uploaded"; sha256: string }
  | { type: "acknowledged"; id: string }
  | { type: "delivered"; id: string; sha256: string };

export interface PowerCutReport {
  events: number;
  cuts: number;
  /** Unfinished jobs that were found at the starts, in all. */
  toResume: number;
  /** Of the starts that ran on until every job was done. */
  ranToTheEnd: number;
  broken: string[];
}

/** Records the life of `jobs` jobs, cut in the middle by a pause. */
export async function recordLife(childPath: string, jobs: number): Promise<{ data: string; events: Event[] }> {
  const data = temporaryFolder();
  const paths = dataPaths(data);
  for (const folder of [paths.blobs, paths.temporary, paths.checkpoints]) ensurePrivateFolder(folder);
  const journal = join(data, "journal.jsonl");
  const commits: { database: Buffer; log: Buffer }[] = [];
  process.env.IMPASTO_TEST_JOURNAL = journal;
  const note = (event: object): void => appendFileSync(journal, `${JSON.stringify(event)}\n`);
  const database = openDatabase(paths.ledger);
  migrate(database);
  const commit = (): void => {
    commits.push({ database: readFileSync(paths.ledger), log: contentOf(`${paths.ledger}-wal`) ?? Buffer.alloc(0) });
    note({ type: "commit", index: commits.length - 1 });
  };
  commit();
  const ledger = new Ledger(recordCommits(database, commit));
  const service = new LocalJobService(ledger, paths, {
    data,
    childPath,
    fileSystem: recordingFileSystem((event) => note(encodeEvent(event))),
    space: { reserveBytes: () => 0 },
  });
  await service.start();
  for (let i = 0; i < jobs; i++) {
    const content = await upload(service, noisePng(2 * i, 32));
    note({ type: "uploaded", sha256: content });
    const style = await upload(service, noisePng(2 * i + 1, 32));
    note({ type: "uploaded", sha256: style });
    const settings = { iterations: 110, stepSize: 0.00001, strength: i };
    const { job } = await service.submit(request(content, style, settings), newKey());
    note({ type: "acknowledged", id: job.id });
    if (i % 2 === 0) continue;
    const done = await finished(service, job.id);
    const bytes = await readAll((await service.result(done.id)).stream);
    note({ type: "delivered", id: done.id, sha256: sha256(bytes) });
  }
  for (const { id } of service.list({ limit: jobs })) await finished(service, id);
  await service.close();
  delete process.env.IMPASTO_TEST_JOURNAL;
  const lines = readFileSync(journal, "utf8").trimEnd().split("\n");
  const events = lines.map((line) => decodeEvent(JSON.parse(line) as EncodedEvent, commits));
  return { data, events };
}

/** Starts a companion after each of the cuts, which lie at `count` places spread over the record. */
export async function replayCuts(
  { data, events }: { data: string; events: Event[] },
  options: { count: number; seed: number; runEvery: number; childPath: string },
): Promise<PowerCutReport> {
  const random = seeded(options.seed);
  const first = events.findIndex(({ type }) => type === "commit") + 1;
  const report: PowerCutReport = { events: events.length, cuts: 0, toResume: 0, ranToTheEnd: 0, broken: [] };
  for (let cut = 0; cut < options.count; cut++) {
    const end = first + Math.floor(((cut + random()) / options.count) * (events.length - first));
    const kind = cut % 2 === 0 ? "strict" : "random";
    const folder = temporaryFolder();
    const disk = new Disk(data, folder);
    for (const event of events.slice(0, end)) disk.apply(event);
    disk.write(kind === "strict" ? () => false : () => random() < 0.5, random);
    const where = `after event ${end} (${events[end - 1]?.type}), ${kind}`;
    const promises = events.slice(0, end);
    const run = cut % options.runEvery === 0;
    const found = await checkStart(folder, promises, options.childPath, run);
    report.cuts += 1;
    report.toResume += found.toResume;
    if (run) report.ranToTheEnd += 1;
    report.broken.push(...found.broken.map((broken) => `${where}: ${broken}`));
    rmSync(folder, { recursive: true, force: true });
  }
  return report;
}

async function checkStart(folder: string, promises: readonly Event[], childPath: string, run: boolean) {
  const broken: string[] = [];
  const service = await openTestService({ data: folder, childPath });
  const jobs = service.list({ limit: 1000 });
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const blobIsWhole = (hash: string): boolean => {
    const bytes = contentOf(join(dataPaths(folder).blobs, hash.slice(0, 2), hash));
    return bytes !== null && sha256(bytes) === hash;
  };
  for (const event of promises) {
    if (event.type === "uploaded" && !blobIsWhole(event.sha256)) broken.push(`picture ${event.sha256} is lost`);
    if (event.type === "acknowledged" && !byId.has(event.id)) broken.push(`job ${event.id} is lost`);
    if (event.type === "delivered") {
      const job = byId.get(event.id);
      if (job?.state !== "done" || job.result?.sha256 !== event.sha256 || !blobIsWhole(event.sha256)) {
        broken.push(`result of ${event.id} is lost`);
      }
    }
  }
  for (const job of jobs) {
    if (job.state === "failed" || job.state === "cancelled") broken.push(`job ${job.id} is ${job.state}`);
    if (job.state === "done" && !blobIsWhole(job.result?.sha256 ?? "")) broken.push(`${job.id}: no whole result`);
    if (!inputsOf(job.request).every(blobIsWhole)) broken.push(`job ${job.id} has lost a picture`);
  }
  const open = jobs.filter(({ state }) => state !== "done");
  if (run) {
    for (const { id } of open) {
      const { state, error } = await finished(service, id);
      if (state !== "done") broken.push(`job ${id} ended as ${state}: ${error?.message}`);
    }
  }
  await service.close();
  return { broken, toResume: open.length };
}

interface Inode {
  written: Buffer;
  durable: Buffer;
}

/** What a disk holds for sure: contents that were synced, under names whose folder was synced since. */
class Disk {
  readonly #from: string;
  readonly #to: string;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  readonly #folders = new Set<string>();
  readonly #durableFolders = new Set<string>();
  #commit: { database: Buffer; log: Buffer } | null = null;

  constructor(from: string, to: string) {
    this.#from = from;
    this.#to = to;
  }

  apply(event: Event): void {
    switch (event.type) {
      case "create":
        this.#names.set(event.path, { written: Buffer.alloc(0), durable: Buffer.alloc(0) });
        break;
      case "write": {
        const inode = this.#names.get(event.path);
        if (inode !== undefined) inode.written = Buffer.concat([inode.written, event.bytes]);
        break;
      }
      case "sync": {
        const inode = this.#names.get(event.path);
        if (inode !== undefined) inode.durable = inode.written;
        break;
      }
      case "rename": {
        const inode = this.#names.get(event.from);
        this.#names.delete(event.from);
        if (inode !== undefined) this.#names.set(event.to, inode);
        break;
      }
      case "remove":
        this.#names.delete(event.path);
        break;
      case "makeFolder":
        this.#folders.add(event.path);
        break;
      case "syncFolder":
        for (const path of this.#folders) if (dirname(path) === event.path) this.#durableFolders.add(path);
        for (const path of [...this.#durableNames.keys()]) {
          if (dirname(path) === event.path && !this.#names.has(path)) this.#durableNames.delete(path);
        }
        for (const [path, inode] of this.#names) if (dirname(path) === event.path) this.#durableNames.set(path, inode);
        break;
      case "commit":
        this.#commit = event;
        break;
    }
  }

  /** Writes out what a cut leaves; `survives` is asked for everything that was not synced. */
  write(survives: () => boolean, random: () => number): void {
    const paths = dataPaths(this.#to);
    for (const folder of [paths.blobs, paths.temporary, paths.checkpoints]) ensurePrivateFolder(folder);
    const names = new Map(this.#durableNames);
    for (const [path, inode] of this.#names) if (survives()) names.set(path, inode);
    for (const [path, inode] of names) {
      const isNewFolder = this.#folders.has(dirname(path)) && !this.#durableFolders.has(dirname(path));
      if (isNewFolder && !survives()) continue;
      const torn = inode.written.subarray(0, Math.floor(random() * (inode.written.length + 1)));
      const content = inode.durable === inode.written || !survives() ? inode.durable : torn;
      const target = join(this.#to, relative(this.#from, path));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
    }
    if (this.#commit === null) return;
    writeFileSync(paths.ledger, this.#commit.database);
    if (this.#commit.log.length > 0) writeFileSync(`${paths.ledger}-wal`, this.#commit.log);
  }
}

function recordCommits(database: Database, commit: () => void): Database {
  return {
    ...database,
    execute(sql) {
      database.execute(sql);
      commit();
    },
    transaction(body) {
      const value = database.transaction(body);
      commit();
      return value;
    },
  };
}

type EncodedEvent = { type: string } & Record<string, unknown>;

function decodeEvent(event: EncodedEvent, commits: readonly { database: Buffer; log: Buffer }[]): Event {
  if (event.type === "write") return { ...event, bytes: Buffer.from(event.bytes as string, "base64") } as Event;
  if (event.type !== "commit") return event as Event;
  const commit = commits[event.index as number];
  if (commit === undefined) throw new Error("The journal names a commit that was not kept.");
  return { type: "commit", ...commit };
}
