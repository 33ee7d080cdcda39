// The frame around all commands: help, version, and one way to say that something went wrong.

import { extname } from "node:path";
import { Command, CommanderError } from "commander";
import { packageVersion } from "../package-root.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { PICTURE_EXTENSIONS } from "../protocol/picture-kinds.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { printable } from "./printable.ts";
import { surroundingsError } from "./surroundings-error.ts";

/**
 * Adds one command (or a family of them) to the program: one file in this folder each, listed in commands.ts.
 * Such a file imports only what help needs; the action imports the engine, the codecs or the server when it runs,
 * so that `impasto --help` is quick and the server's process never loads a codec.
 */
export type AddCommand = (program: Command) => void;

export function createProgram(commands: readonly AddCommand[]): Command {
  const program = new Command("impasto")
    .description("Neural style transfer: one picture, painted in the manner of another.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .configureOutput({ outputError: (text, write) => write(printable(wordUsageError(text))) })
    .exitOverride();
  for (const add of commands) add(program);
  return program;
}

/** --quiet, --json and --verbose, alike everywhere. */
export function addOutputFlags(command: Command): Command {
  return command
    .optionsGroup("What is printed:")
    .option("-q, --quiet", "print nothing but errors")
    .option("--json", "print the result as one JSON object on stdout")
    .option("-v, --verbose", "print details, and the technical side of errors");
}

/** Wherever a command writes over the user's files. */
export const FORCE_FLAG = ["-f, --force", "replace files also where they are protected against writing"] as const;

export function addExamples(command: Command, examples: readonly [string, string, string]): Command {
  return command.addHelpText("after", `\nExamples:\n${examples.map((line) => `  $ ${line}`).join("\n")}`);
}

/**
 * Runs one command line.
 * @param argv as process.argv
 * @returns the exit code
 */
export async function runProgram(program: Command, argv: readonly string[]): Promise<number> {
  try {
    await program.parseAsync([...argv]);
    return typeof process.exitCode === "number" ? process.exitCode : EXIT.done;
  } catch (thrown) {
    // commander has already written what it had to say.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
    const error = surroundingsError(thrown) ?? thrown;
    process.stderr.write(printable(wordError(error, argv.includes("--verbose") || argv.includes("-v"))));
    return error instanceof ImpastoError ? exitCodeOf(error.code) : EXIT.failed;
  }
}

/** "error: unknown option '--strenght'\n(Did you mean --strength?)" → one line in our form. */
function wordUsageError(text: string): string {
  const line = text
    .trim()
    .replace(/^error: /, "")
    .replace(/\s*\n\((Did you mean .*)\)$/, ". $1");
  const hint = dashHint(process.argv.slice(2));
  return `impasto: ${line}${hint === undefined ? "" : `${/[.?]$/.test(line) ? "" : "."} ${hint}`}\n`;
}

/** A name that was taken for flags leaves an argument missing. */
function dashHintOf({ code }: ImpastoError): string | undefined {
  return code === "bad-request" ? dashHint(process.argv.slice(2)) : undefined;
}

/** For a file whose name looks like flags. */
function dashHint(args: readonly string[]): string | undefined {
  const end = args.indexOf("--");
  const before = end < 0 ? args : args.slice(0, end);
  const name = before.find(
    (arg) => /^-./.test(arg) && PICTURE_EXTENSIONS.includes(extname(arg).slice(1).toLowerCase()),
  );
  if (name === undefined) return undefined;
  return `A name that begins with a dash goes behind --, as the pictures do: impasto stylize -o out.png -- ${name} …`;
}

function wordError(error: unknown, verbose: boolean): string {
  const known = error instanceof ImpastoError;
  const message = known ? error.message : "Something failed in a way that it should not.";
  const hint = known ? (error.hint ?? dashHintOf(error)) : "Run it again with --verbose and report what it prints.";
  const lines = [`impasto: ${hint === undefined ? message : `${message} ${hint}`}`];
  if (verbose) {
    if (known) lines.push(`  code: ${error.code}`);
    for (let cause: unknown = known ? error.cause : error; cause !== undefined; ) {
      lines.push(`  cause: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`);
      if (cause instanceof Error && "detail" in cause && cause.detail) lines.push(`  detail: ${String(cause.detail)}`);
      cause = cause instanceof Error ? cause.cause : undefined;
    }
  }
  return `${lines.join("\n")}\n`;
}
