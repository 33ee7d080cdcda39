// A question that a person answers with yes or no.

import { createInterface } from "node:readline/promises";

/** "nobody" where no terminal is on both ends. */
export async function confirm(question: string): Promise<"yes" | "no" | "nobody"> {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return "nobody";
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = (await lines.question(question)).trim();
    return answer === "" || /^y(?:es)?$/i.test(answer) ? "yes" : "no";
  } finally {
    lines.close();
  }
}
