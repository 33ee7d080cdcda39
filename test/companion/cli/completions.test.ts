// The completion scripts in the shells themselves, as far as they are on this machine.

import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { runCli } from "./run-cli.ts";

/** What bash would offer after these words. */
function completeInBash(script: string, words: readonly string[]): string[] {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const program = `${script}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _impasto; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["-c", program], { encoding: "utf8" }).split("\n").filter(Boolean);
}

describe("impasto completions", () => {
  test.skipIf(spawnSync("bash", ["-c", "true"]).status !== 0)(
    "bash completes commands, subcommands and flags",
    async () => {
      const { code, stdout } = await runCli(["completions", "bash"]);
      expect(code).toBe(0);
      expect(completeInBash(stdout, ["impasto", "sty"])).toContain("stylize");
      expect(completeInBash(stdout, ["impasto", "networks", "pu"])).toContain("pull");
      expect(completeInBash(stdout, ["impasto", "networks", "pull", "vgg19", "--fu"])).toContain("--full");
      expect(completeInBash(stdout, ["impasto", "stylize", "a.jpg", "--stren"])).toContain("--strength");
      expect(completeInBash(stdout, ["impasto", "doctor", "--stren"])).not.toContain("--strength");
      expect(completeInBash(stdout, ["impasto", "jobs", ""])).toEqual(["list", "show", "cancel", "rerun", "clean"]);
      // Nothing of its own: file names are the shell's, with spaces and all.
      expect(completeInBash(stdout, ["impasto", "stylize", ""])).toEqual([]);
      expect(stdout).toContain("complete -o bashdefault -o default");
    },
  );

  test("knows zsh and fish, and says so of others", async () => {
    expect((await runCli(["completions", "zsh"])).stdout).toContain("bashcompinit");
    expect((await runCli(["completions", "fish"])).stdout).toContain("__fish_seen_subcommand_from networks");
    const { code, stderr } = await runCli(["completions", "tcsh"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/bash, zsh, fish/);
  });
});
