// The commands of the command line, one file each, in the order of its help.

import { addBatch } from "./batch.ts";
import { addCompletions } from "./completions.ts";
import { addDemo } from "./demo.ts";
import { addDoctor } from "./doctor.ts";
import { addEvaluate } from "./evaluate.ts";
import { addExplore } from "./explore.ts";
import { addJobs } from "./jobs.ts";
import { addLearn } from "./learn.ts";
import { addModels } from "./models.ts";
import { addNetworks } from "./networks.ts";
import { addPair } from "./pair.ts";
import { addPhotopea } from "./photopea.ts";
import { addPlugin } from "./plugin.ts";
import { addPresets } from "./presets.ts";
import type { AddCommand } from "./program.ts";
import { addSequence } from "./sequence.ts";
import { addServe } from "./serve.ts";
import { addService } from "./service.ts";
import { addStylize } from "./stylize.ts";
import { addTexture } from "./texture.ts";
import { addWorker } from "./worker.ts";
import { addWorkers } from "./workers.ts";

export const COMMANDS: readonly AddCommand[] = [
  addStylize,
  addTexture,
  addExplore,
  addBatch,
  addSequence,
  addPresets,
  addLearn,
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
