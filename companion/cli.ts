#!/usr/bin/env node
// The command line: composes the commands of companion/cli/, one file each.

import { addDemo } from "./cli/demo.ts";
import { addDoctor } from "./cli/doctor.ts";
import { addEvaluate } from "./cli/evaluate.ts";
import { createProgram, runProgram } from "./cli/program.ts";
import { addStylize } from "./cli/stylize.ts";
import { surviveBrokenPipes } from "./cli/terminal.ts";

surviveBrokenPipes();
process.exitCode = await runProgram(createProgram([addStylize, addEvaluate, addDemo, addDoctor]), process.argv);
