// Ends a run with what was left out and why, and with the plain line "N passed, N failed".

import type { Reporter, TestModule } from "vitest/node";

export class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    // What nobody caught fails the run, whichever test was under way.
    let failed = unhandledErrors.length;
    const skipped: string[] = [];
    for (const module of modules) {
      // A file that could not even be loaded counts as one failure, and so does a group whose hooks failed.
      if (module.errors().length > 0) failed += 1;
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) failed += 1;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "passed") passed += 1;
        else if (result.state === "failed") failed += 1;
        else skipped.push(`${test.fullName}${"note" in result && result.note ? `: ${result.note}` : ""}`);
      }
    }
    for (const line of skipped) console.log(`skipped: ${line}`);
    console.log(`\n${passed} passed, ${failed} failed`);
  }
}
