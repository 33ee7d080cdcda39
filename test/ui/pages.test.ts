// The built pages: their weight, and that they need nothing beside them.

import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { wholePage } from "../../companion/whole-page.ts";

/** Uncompressed, read from the disk or from the companion beside the browser. */
const SCRIPT_BUDGET_BYTES = 1_100_000;
/** The studio brings four sample pictures along. */
const PAGE_BUDGET_BYTES: Record<string, number> = { ui: 6_000_000, studio: 7_000_000, photopea: 6_000_000 };

function page(name: string): string {
  return wholePage(fileURLToPath(new URL(`../../dist/${name}.html`, import.meta.url)));
}

describe.each(["ui", "studio", "photopea"])("dist/%s.html", (name) => {
  const html = page(name);
  const scripts = [...html.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)].map(([, attributes = "", text = ""]) => ({
    attributes,
    text,
  }));
  const block = (id: string) => scripts.find(({ attributes }) => attributes.includes(`id="${id}"`))?.text ?? "";
  const [network, detailer] = [block("network"), block("detailer")];

  test("is within its budgets, without the samples and the networks for its script", () => {
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(PAGE_BUDGET_BYTES[name] ?? 0);
    // Both are in it: a file of each, in base64.
    expect(network.length).toBeGreaterThan(1_000_000);
    expect(detailer.length).toBeGreaterThan(200_000);
    const pictures = [...html.matchAll(/["'`][A-Za-z0-9+/=]{20000,}["'`]/g)].reduce(
      (sum, [text]) => sum + text.length,
      0,
    );
    const code = scripts.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0) - network.length - detailer.length;
    expect(code - pictures).toBeLessThanOrEqual(SCRIPT_BUDGET_BYTES);
  });

  test("loads nothing from anywhere", () => {
    const outside = html
      .replace(network, "")
      .replace(detailer, "")
      .match(/(?:src|href)="(?!data:)[^"]*"|url\((?!["']?data:)["']?[^)"']+|@import/g);
    expect(outside ?? []).toEqual([]);
    expect(scripts.some(({ attributes }) => attributes.includes("src="))).toBe(false);
  });

  test("brings WebGPU along only where the host can have it: not to Figma's opaque frame", () => {
    expect(html.includes("requestAdapter")).toBe(name !== "ui");
  });

  test("closes no script early", () => {
    expect(html.match(/<script/g)?.length).toBe(html.match(/<\/script>/g)?.length);
    expect(html.trimEnd().endsWith("</html>")).toBe(true);
  });
});
