// What commands say and where: results on stdout, everything else on stderr, nothing but errors when quiet.

import { ImpastoError } from "../protocol/errors.ts";
import { isStdout } from "../standard-streams.ts";
import { requireStdoutForFiles } from "../write-stdout.ts";
import { print } from "./output.ts";
import { printable, printableJson } from "./printable.ts";

export interface OutputOptions {
  quiet?: boolean;
  json?: boolean;
  verbose?: boolean;
}

export interface Terminal {
  /** A line of what was asked for, for people; left out when quiet or when JSON is wanted. */
  result(line: string): void;
  /** The same about something that was done and stands also when nobody hears of it. */
  done(line: string): void;
  /** The result for programs, only when JSON is wanted. */
  json(value: unknown): void;
  /** A line beside the result: what was decided, what to look out for. */
  note(line: string): void;
  /** A line for those who asked for details. */
  detail(line: string): void;
}

/** Where the file goes to stdout nothing else does. @throws ImpastoError("bad-request") where both would, or a terminal is there */
export function openTerminalBeside(out: string, flags: OutputOptions): Terminal {
  if (!isStdout(out)) return openTerminal(flags);
  if (flags.json) {
    throw new ImpastoError("bad-request", "The picture and --json would both go to stdout.", {
      hint: "Write the picture to a file, or leave out --json.",
    });
  }
  requireStdoutForFiles();
  return openTerminal(flags, process.stderr);
}

/** @param results where words about what was done go */
export function openTerminal(
  { quiet = false, json = false, verbose = false }: OutputOptions,
  results: NodeJS.WriteStream = process.stdout,
): Terminal {
  const say = (line: string) => process.stderr.write(`${printable(line)}\n`);
  return {
    result: (line) => {
      if (!quiet && !json) print(printable(line));
    },
    done: (line) => {
      if (!quiet && !json) results.write(`${printable(line)}\n`);
    },
    json: (value) => {
      if (json) print(printableJson(value));
    },
    note: (line) => {
      if (!quiet) say(line);
    },
    detail: (line) => {
      if (verbose) say(line);
    },
  };
}
