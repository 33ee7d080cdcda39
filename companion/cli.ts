#!/usr/bin/env node
// The command line: composes the commands of companion/cli/, one file each.

import { addBatch } from "./cli/batch.ts";
import { addCompletions } from "./cli/completions.ts";
import { addDemo } from "./cli/demo.ts";
import { addDoctor } from "./cli/doctor.ts";
import { addEvaluate } from "./cli/evaluate.ts";
import { outliveHangUps } from "./cli/interrupts.ts";
import { addJobs } from "./cli/jobs.ts";
import { addModels } from "./cli/models.ts";
import { addNetworks } from "./cli/networks.ts";
import { outliveOutput } from "./cli/output.ts";
import { addPair } from "./cli/pair.ts";
import { addPhotopea } from "./cli/photopea.ts";
import { addPlugin } from "./cli/plugin.ts";
import { addExplore } from "./cli/explore.ts";
import { addPresets } from "./cli/presets.ts";
import { type AddCommand, createProgram, runProgram } from "./cli/program.ts";
import { addServe } from "./cli/serve.ts";
import { addService } from "./cli/service.ts";
import { addStylize } from "./cli/stylize.ts";
import { addTexture } from "./cli/texture.ts";
import { addWorker } from "./cli/worker.ts";
import { addWorkers } from "./cli/workers.ts";

const COMMANDS: readonly AddCommand[] = [
  addStylize,
  addTexture,
  addExplore,
  addBatch,
  addPresets,
  addJobs,
  addEvaluate,
  addDemo,
  addServe,
  addWorker,
  addWorkers,
  addService,
  addPair,
  addPlugin,
  addPhotopea,
  addNetworks,
  addModels,
  addDoctor,
  addCompletions,
];

outliveOutput();
outliveHangUps();
process.exitCode = await runProgram(createProgram(COMMANDS), process.argv);
