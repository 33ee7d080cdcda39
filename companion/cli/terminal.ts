// What commands say and where: results on stdout, everything else on stderr, nothing but errors when quiet.

import { printable, printableJson } from "./printable.ts";

export interface OutputOptions {
  quiet?: boolean;
  json?: boolean;
  verbose?: boolean;
}

export interface Terminal {
  /** A line of the result for people; left out when quiet or when JSON is wanted. */
  result(line: string): void;
  /** The result for programs, only when JSON is wanted. */
  json(value: unknown): void;
  /** A line beside the result: what was decided, what to look out for. */
  note(line: string): void;
  /** A line for those who asked for details. */
  detail(line: string): void;
}

export function openTerminal({ quiet = false, json = false, verbose = false }: OutputOptions): Terminal {
  const say = (line: string) => process.stderr.write(`${printable(line)}\n`);
  return {
    result: (line) => {
      if (!quiet && !json) process.stdout.write(`${printable(line)}\n`);
    },
    json: (value) => {
      if (json) process.stdout.write(`${printableJson(value)}\n`);
    },
    note: (line) => {
      if (!quiet) say(line);
    },
    detail: (line) => {
      if (verbose) say(line);
    },
  };
}

/** A reader that went away (`| head`) must not end a run whose result goes to a file. */
export function surviveBrokenPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}
