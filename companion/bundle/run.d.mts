// Types of run.mjs, for tests.

/** What the program wrote on stdout; throws what it said when it fails. */
export function run(program: string, args: readonly string[], options?: { cwd?: string }): string;
export function runNpm(args: readonly string[], options?: { cwd?: string }): string;
