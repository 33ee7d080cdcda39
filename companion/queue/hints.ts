// What the companion calls out to its workers: that there is work, or that a job of theirs should be looked at. A hint
// that is lost, doubled or late does no harm: workers ask the companion itself, and do so now and then anyway.

import { ID_PATTERN } from "../protocol/schemas.ts";

const ID = new RegExp(ID_PATTERN);

export type Hint = { type: "work" } | { type: "look"; job: string };

export function formatHint(hint: Hint): string {
  return hint.type === "work" ? "work" : `look ${hint.job}`;
}

/** Null for what is no hint. */
export function parseHint(text: string): Hint | null {
  if (text === "work") return { type: "work" };
  const [word, job = "", ...more] = text.split(" ");
  return word === "look" && more.length === 0 && ID.test(job) ? { type: "look", job } : null;
}
