#!/usr/bin/env node
// The command line's entry.

import { COMMANDS } from "./cli/commands.ts";
import { outliveHangUps } from "./cli/interrupts.ts";
import { outliveOutput } from "./cli/output.ts";
import { createProgram, runProgram } from "./cli/program.ts";

outliveOutput();
outliveHangUps();
process.exitCode = await runProgram(createProgram(COMMANDS), process.argv);
