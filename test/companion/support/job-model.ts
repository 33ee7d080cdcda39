// The state machine of jobs as a model, and commands that users, engines and crashes give in any order. After each
// command every job must be where the model says, and what is over must stay as it was.

import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { LocalJobService } from "../../../companion/jobs/job-service.ts";
import { openLedger } from "../../../companion/ledger/ledger.ts";
import type { JobState } from "../../../companion/protocol/job-states.ts";
import type { JobEvent } from "../../../companion/protocol/jobs.ts";
import { dataPaths, ensurePrivateFolder } from "../../../companion/storage/data-folder.ts";
import { newKey, request, temporaryFolder, upload } from "./job-service.ts";
import { noisePng } from "./pictures.ts";
import { ScriptedEngine } from "./scripted-engine.ts";

/** A result takes its time to the disk. */
const SETTLE_TURNS = 1000;

interface ModelJob {
  id: string;
  state: JobState;
  detached: boolean;
  begun: boolean;
  checkpointed: boolean;
  /** A pause was asked for while it runs. */
  pausing: boolean;
  deaths: number;
  interruptions: number;
  onCpu: boolean;
  result: string | null;
}

interface Model {
  jobs: ModelJob[];
}

/** The real thing, which can be crashed. */
export class System {
  readonly data = temporaryFolder();
  engine = new ScriptedEngine();
  service!: LocalJobService;
  /** Crashes without a word: the ledger's lock is let go, nothing else happens. */
  crash!: () => void;
  content = "";
  style = "";
  readonly events: JobEvent[] = [];

  async open(): Promise<void> {
    const paths = dataPaths(this.data);
    for (const folder of [paths.blobs, paths.temporary, paths.checkpoints]) ensurePrivateFolder(folder);
    const ledger = openLedger(paths.ledger);
    this.engine = new ScriptedEngine();
    this.service = new LocalJobService(ledger, paths, { engine: this.engine, space: { reserveBytes: () => 0 } });
    this.crash = () => ledger.close();
    await this.service.start();
    this.content = await upload(this.service, noisePng(1, 32));
    this.style = await upload(this.service, noisePng(2, 32));
  }

  watch(id: string): void {
    const last = Math.max(0, ...this.events.map(({ sequence }) => sequence));
    let latest = 0;
    this.service.watch(id, last, (event) => {
      if (event.sequence <= latest) throw new Error(`event ${event.sequence} came after ${latest}`);
      latest = event.sequence;
      this.events.push(event);
    });
  }
}

/** What the engine must be doing, according to the model. */
function running(model: Model): ModelJob | undefined {
  return model.jobs.find(({ state }) => state === "running");
}

/** The engine takes the first queued job as soon as it is free. */
function startNext(model: Model): void {
  if (running(model) !== undefined) return;
  const next = model.jobs.find(({ state }) => state === "queued");
  if (next === undefined) return;
  next.state = "running";
  next.begun = true;
  next.pausing = false;
}

async function compare(model: Model, { service, engine }: System): Promise<void> {
  for (let i = 0; i < SETTLE_TURNS && !agrees(model, service, engine); i++) await sleep(i < 20 ? 0 : 2);
  for (const job of model.jobs) {
    const real = service.get(job.id);
    if (real.state !== job.state) throw new Error(`job is ${real.state} but should be ${job.state}`);
    if ((real.result?.sha256 ?? null) !== job.result) throw new Error("another result than the one handed over");
    if (real.state === "failed" && real.error === null) throw new Error("failed without an error");
    if ((real.state === "paused") !== (real.pauseReason !== null) && real.state !== "running") {
      throw new Error(`${real.state} with pause reason ${real.pauseReason}`);
    }
  }
  const active = engine.job;
  if (active !== running(model)?.id) throw new Error("the engine does not do what the ledger says");
  if (service.list({ limit: 1000 }).filter(({ state }) => state === "running").length > 1) throw new Error("two run");
}

function agrees(model: Model, service: LocalJobService, engine: ScriptedEngine): boolean {
  const states = model.jobs.every(({ id, state }) => service.get(id).state === state);
  return states && engine.job === running(model)?.id;
}

/** A command about one of the jobs, chosen by number. */
function about(
  name: string,
  choice: number,
  can: (job: ModelJob) => boolean,
  run: (job: ModelJob, model: Model, system: System) => Promise<void> | void,
): fc.AsyncCommand<Model, System> {
  const pick = (model: Model): ModelJob | undefined => model.jobs[choice % Math.max(1, model.jobs.length)];
  return {
    check: (model) => {
      const job = pick(model);
      return job !== undefined && can(job);
    },
    async run(model, system) {
      const job = pick(model);
      if (job === undefined) return;
      await run(job, model, system);
      startNext(model);
      await compare(model, system);
    },
    toString: () => `${name}(${choice})`,
  };
}

/** A command about the run that the engine has. */
function engineDoes(
  name: string,
  run: (job: ModelJob, system: System, model: Model) => void,
): fc.AsyncCommand<Model, System> {
  return {
    check: (model) => running(model) !== undefined,
    async run(model, system) {
      const job = running(model);
      if (job === undefined) return;
      run(job, system, model);
      startNext(model);
      await compare(model, system);
    },
    toString: () => name,
  };
}

const isOpen = (job: ModelJob): boolean => ["queued", "running", "paused"].includes(job.state);

const jobCommands = fc.commands(
  [
    fc.boolean().map(
      (detached): fc.AsyncCommand<Model, System> => ({
        check: ({ jobs }) => jobs.filter(isOpen).length < 5,
        async run(model, system) {
          const key = newKey();
          const order = request(system.content, system.style, {}, detached);
          const { job } = await system.service.submit(order, key);
          const again = await system.service.submit(order, key);
          if (again.created || again.job.id !== job.id) throw new Error("one key made two jobs");
          system.watch(job.id);
          model.jobs.push({
            id: job.id,
            state: "queued",
            detached,
            begun: false,
            checkpointed: false,
            pausing: false,
            deaths: 0,
            interruptions: 0,
            onCpu: false,
            result: null,
          });
          startNext(model);
          await compare(model, system);
        },
        toString: () => `submit(${detached ? "detached" : "attended"})`,
      }),
    ),
    fc.nat(20).map((choice) =>
      about("pause", choice, isOpen, async (job, _, { service }) => {
        // It answers when the job is put aside, which is the engine's turn here.
        void service.change(job.id, { action: "pause" }).catch(() => undefined);
        if (job.state === "queued") job.state = "paused";
        else if (job.state === "running") job.pausing = true;
      }),
    ),
    fc.nat(20).map((choice) =>
      about("resume", choice, isOpen, async (job, _, { service }) => {
        await service.change(job.id, { action: "resume" });
        if (job.state === "paused") {
          job.state = "queued";
          job.interruptions = 0;
        }
        job.pausing = false;
      }),
    ),
    fc.nat(20).map((choice) =>
      about(
        "clientBack",
        choice,
        () => true,
        (job, _, { service }) => {
          const waits = ["client-gone", "restart"].includes(service.get(job.id).pauseReason ?? "");
          service.clientBack(job.id);
          if (job.state !== "paused" || !waits) return;
          job.state = "queued";
          job.interruptions = 0;
        },
      ),
    ),
    fc.tuple(fc.nat(20), fc.nat(100)).map(([choice, strength]) =>
      about("change", choice, isOpen, async (job, _, { service }) => {
        const before = service.get(job.id);
        const after = await service.change(job.id, { settings: { strength } });
        if (job.begun && after.changes.length !== before.changes.length + 1) throw new Error("the change is lost");
        if (!job.begun && after.settings.strength !== strength) throw new Error("the setting is lost");
      }),
    ),
    fc.nat(20).map((choice) =>
      about("stop", choice, isOpen, async (job, _, { service }) => {
        const stopped = await service.change(job.id, { action: "stop" }).then(
          () => true,
          () => false,
        );
        const can = job.state === "running" || job.checkpointed;
        if (stopped !== can) throw new Error(stopped ? "stopped without a picture" : "not stopped");
        if (can && job.state === "paused") job.state = "queued";
        if (can) job.pausing = false;
      }),
    ),
    fc.nat(20).map((choice) =>
      about(
        "cancel",
        choice,
        () => true,
        async (job, _, { service, engine }) => {
          const wasRunning = job.state === "running";
          await service.cancel(job.id);
          if (!isOpen(job)) return;
          job.state = "cancelled";
          // The engine gives it up, sometimes with a result that comes too late.
          if (wasRunning && Math.random() < 0.5) engine.release();
          else if (wasRunning) engine.finish();
        },
      ),
    ),
    fc.nat(20).map((choice) =>
      about(
        "change what is over",
        choice,
        (job) => !isOpen(job),
        async (job, _, { service }) => {
          const refused = await service.change(job.id, { action: "pause" }).then(
            () => false,
            () => true,
          );
          if (!refused) throw new Error("a job that is over was changed");
        },
      ),
    ),
    fc.constant(engineDoes("progress", (_, { engine }) => engine.progress())),
    fc.constant(
      engineDoes("checkpoint", (job, { engine }) => {
        engine.checkpoint();
        job.checkpointed = true;
        job.interruptions = 0;
      }),
    ),
    fc.constant(
      engineDoes("finish", (job, { engine }) => {
        engine.finish();
        job.state = "done";
        job.result = engine.handedOver.get(job.id)?.at(-1) ?? null;
      }),
    ),
    fc.constant(
      engineDoes("release", (job, { engine }) => {
        if (!job.pausing) return;
        engine.release();
        job.state = "paused";
      }),
    ),
    fc.constant(
      engineDoes("die", (job, { engine }) => {
        engine.die();
        job.deaths += 1;
        job.state = job.deaths >= 3 ? "failed" : job.pausing ? "paused" : "queued";
      }),
    ),
    fc.constant(
      engineDoes("lose the GPU", (job, { engine }) => {
        engine.fail("gpu-lost");
        job.state = job.onCpu ? "failed" : job.pausing ? "paused" : "queued";
        job.onCpu = true;
      }),
    ),
    fc.constant(
      engineDoes("refuse the picture", (job, { engine }) => {
        engine.fail("bad-picture");
        job.state = "failed";
      }),
    ),
    fc.constant(
      engineDoes("fill the disk", (job, { engine }) => {
        engine.fail("disk-full");
        job.state = "paused";
      }),
    ),
    fc.boolean().map(
      (clean): fc.AsyncCommand<Model, System> => ({
        check: ({ jobs }) => jobs.length > 0,
        async run(model, system) {
          if (clean) await system.service.close();
          else system.crash();
          await system.open();
          for (const job of model.jobs) {
            const wasRunning = job.state === "running";
            if (wasRunning) {
              if (!clean) job.interruptions += 1;
              job.state = job.pausing || (!clean && job.interruptions >= 3) ? "paused" : "queued";
            }
            if (job.state === "queued" && !job.detached) job.state = "paused";
            job.pausing = false;
            system.watch(job.id);
          }
          startNext(model);
          await compare(model, system);
        },
        toString: () => (clean ? "restart" : "crash"),
      }),
    ),
  ],
  { size: "medium", maxCommands: 30 },
);

/** Runs `count` random lives; throws with the shortest one that went wrong. Returns how many commands were run. */
export async function checkJobModel(count: number, seed: number): Promise<{ runs: number; commands: number }> {
  let commands = 0;
  const system = new System();
  await system.open();
  await fc.assert(
    fc.asyncProperty(jobCommands, async (given) => {
      commands += [...given].length;
      await fc.asyncModelRun(() => ({ model: { jobs: [] }, real: system }), given);
      for (const { id } of system.service.list({ limit: 1000 })) {
        await system.service.cancel(id);
        system.engine.release();
        await system.service.remove(id);
      }
      for (let i = 0; i < SETTLE_TURNS && system.engine.busy; i++) await sleep(1);
    }),
    { numRuns: count, seed, endOnFailure: false },
  );
  await system.service.close();
  return { runs: count, commands };
}
