// What holds the content, as engines compute with it: the sum that contentLoss says, and detail, which is more of the edges'.

import { type ContentLoss, SETTINGS, type Settings } from "./settings.ts";
import { parseTerms, type Term } from "./terms.ts";

export type ContentSettings = Pick<Settings, "contentLoss" | "detail">;

/** At a detail of 100 edges count for so many times all else that holds the content (empirical). */
const FULL_DETAIL = 4;

/** What all that holds the content comes to with the edges that detail adds, in what it is without: style counts that much less. */
export function heldTimes({ detail }: Pick<Settings, "detail">): number {
  return 1 + (FULL_DETAIL * detail) / 100;
}

export function contentTermsOf({ contentLoss, detail }: ContentSettings): readonly Term<ContentLoss>[] {
  const terms = parseTerms(contentLoss, SETTINGS.contentLoss.choices);
  if (detail === 0) return terms;
  const edges = terms.find(({ loss }) => loss === "laplacian")?.weight ?? 0;
  const all = terms.reduce((sum, { weight }) => sum + weight, 0);
  const others = terms.filter(({ loss }) => loss !== "laplacian");
  return [...others, { loss: "laplacian", weight: edges + all * (heldTimes({ detail }) - 1) }];
}
