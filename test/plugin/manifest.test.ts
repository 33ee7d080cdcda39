// manifest.json against what Figma accepts for publishing, and against the ports that the companion really uses.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../companion/protocol/host/layer-types.ts";
import { PORTS } from "../../companion/protocol/ports.ts";

const manifest = JSON.parse(readFileSync(new URL("../../manifest.json", import.meta.url), "utf8"));

describe("manifest.json", () => {
  test("allows exactly the companion's ports, by name and with a scheme", () => {
    expect(manifest.networkAccess.allowedDomains).toEqual(PORTS.map((port) => `http://localhost:${port}`));
  });

  test("gives the reason that Figma asks for when a plugin speaks to a local server", () => {
    expect(manifest.networkAccess.reasoning.length).toBeGreaterThan(40);
  });

  test("works with pages that load on demand, and asks for nothing that is not published", () => {
    expect(manifest.documentAccess).toBe("dynamic-page");
    for (const field of ["permissions", "enableProposedApi", "enablePrivatePluginApi", "capabilities", "build"]) {
      expect(manifest).not.toHaveProperty(field);
    }
  });

  test("names commands that the panel knows, each once", () => {
    const commands: string[] = [...manifest.menu, ...manifest.relaunchButtons].flatMap((item) => item.command ?? []);
    expect([...commands].sort()).toEqual([...COMMANDS].sort());
  });

  test("lets the plugin refuse what is typed: Figma has no setError for parameters that take anything", () => {
    for (const { parameters = [] } of manifest.menu) {
      for (const parameter of parameters) expect(parameter).not.toHaveProperty("allowFreeform");
    }
  });

  test("puts optional parameters last, as Figma wants them", () => {
    for (const { parameters = [] } of manifest.menu) {
      const optional: boolean[] = parameters.map((parameter: { optional?: boolean }) => parameter.optional === true);
      expect(optional).toEqual([...optional].sort());
    }
  });
});
