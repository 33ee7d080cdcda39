// When this copy of Impasto was built, and how long ago that is. No server is asked whether there is a newer one.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "./package-root.ts";

const DAY_MS = 86_400_000;

/** [sync] "2026-11-30", or null where the build left no date. */
export function buildDate(root: string = packageRoot()): string | null {
  try {
    const content: unknown = JSON.parse(readFileSync(join(root, "dist", "build.json"), "utf8"));
    const date = typeof content === "object" && content !== null && "date" in content ? content.date : null;
    return typeof date === "string" && /^\d{4}-\d\d-\d\d$/.test(date) ? date : null;
  } catch {
    return null;
  }
}

/** "today", "3 days ago", "5 months ago"; coarse, because a build's date is. */
export function ageOf(date: string, now: number = Date.now()): string {
  const days = Math.floor((now - Date.parse(date)) / DAY_MS);
  if (!(days >= 1)) return "today";
  if (days < 60) return days === 1 ? "yesterday" : `${days} days ago`;
  return days < 730 ? `${Math.round(days / 30.44)} months ago` : `${Math.floor(days / 365.25)} years ago`;
}
