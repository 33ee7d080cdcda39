// Hints, and the names of entries: what comes back from text is what was put into it, and nothing else.

import { expect, it } from "vitest";
import { formatHint, parseHint } from "../../../companion/queue/hints.ts";
import { jobOfEntry } from "../../../companion/queue/offers.ts";

const JOB = "0123456789abcdef".repeat(2);

it("hints come back as they were sent", () => {
  for (const hint of [{ type: "work" } as const, { type: "look", job: JOB } as const]) {
    expect(parseHint(formatHint(hint))).toEqual(hint);
  }
});

it.each(["", "work ", "WORK", "look", "look ", `look ${JOB} `, `look ${JOB}x`, `look  ${JOB}`, `drop ${JOB}`])(
  "%j is no hint",
  (text) => expect(parseHint(text)).toBeNull(),
);

it("an entry names its job", () => {
  expect(jobOfEntry(`${JOB}-17`)).toBe(JOB);
  for (const entry of [JOB, `${JOB}-`, `${JOB}-x`, `${JOB}-1-2`, `x${JOB}-1`, `../${JOB}-1`, "-1", ""]) {
    expect(jobOfEntry(entry)).toBeNull();
  }
});
