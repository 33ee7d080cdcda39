// impasto completions: a script for the shell, made from the commands and flags as they stand.

import { Argument, type Command } from "commander";
import { print } from "./output.ts";
import { addExamples } from "./program.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

export function addCompletions(program: Command): void {
  const command = program
    .command("completions")
    .summary("print completions for a shell")
    .description("Prints a script that completes commands, flags and file names in bash, zsh or fish.")
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .option("--json", "print the script as one JSON object");
  addExamples(command, [
    'eval "$(impasto completions bash)"',
    'eval "$(impasto completions zsh)"',
    "impasto completions fish | source",
  ]);
  command.action((shell: Shell, { json }: { json?: boolean }) => {
    const script = completionScript(shell, wordsOf(program));
    print(json ? JSON.stringify({ shell, script }) : script.trimEnd());
  });
}

/** What may follow each chain of commands: "" is the program itself, "networks pull" a subcommand. */
export type Words = ReadonlyMap<string, readonly string[]>;

export function wordsOf(program: Command): Words {
  const words = new Map<string, readonly string[]>();
  const visit = (command: Command, chain: readonly string[]): void => {
    const flags = command.options.flatMap(({ long }) => (long === undefined || long === null ? [] : [long]));
    words.set(chain.join(" "), [...command.commands.map((sub) => sub.name()), ...flags, "--help"]);
    for (const sub of command.commands) visit(sub, [...chain, sub.name()]);
  };
  visit(program, []);
  return words;
}

/** Flags after a dash, commands where one may stand, else the shell's own file names. */
function completionScript(shell: Shell, words: Words): string {
  switch (shell) {
    case "bash":
      return bashScript(words);
    case "zsh":
      // zsh runs bash's completion functions.
      return `autoload -U +X bashcompinit && bashcompinit\n${bashScript(words)}`;
    case "fish":
      return fishScript(words);
  }
}

function bashScript(words: Words): string {
  const cases = [...words]
    .filter(([chain]) => chain !== "")
    .sort(([a], [b]) => b.length - a.length)
    .map(([chain, list]) => `    "${chain}"|"${chain} "*) ${bashWords(list)} ;;`);
  return `_impasto() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words flags
  local chain="\${COMP_WORDS[*]:1:COMP_CWORD-1}"
  case "$chain" in
${cases.join("\n")}
    *) ${bashWords(words.get("") ?? [])} ;;
  esac
  [[ "$current" == -* ]] && words="$flags"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -o default -F _impasto impasto
`;
}

function bashWords(list: readonly string[]): string {
  const [flags, names] = [true, false].map((isFlag) => list.filter((word) => word.startsWith("--") === isFlag));
  return `words="${names?.join(" ")}" flags="${flags?.join(" ")}"`;
}

function fishScript(words: Words): string {
  const lines = [...words].flatMap(([chain, list]) => {
    const seen = chain.split(" ").filter((name) => name !== "");
    const condition =
      seen.length === 0
        ? "__fish_use_subcommand"
        : seen.map((name) => `__fish_seen_subcommand_from ${name}`).join("; and ");
    return list.map((word) =>
      word.startsWith("--")
        ? `complete -c impasto -n "${condition}" -l ${word.slice(2)}`
        : `complete -c impasto -n "${condition}" -a ${word}`,
    );
  });
  return `${lines.join("\n")}\n`;
}
