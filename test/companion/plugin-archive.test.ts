// The plugin's zip: what Figma imports from it stands in it, and `impasto plugin` and the companion's page give the same.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packNetwork } from "../../companion/pack-network.mjs";
import { packageVersion } from "../../companion/package-root.ts";
import { pluginArchive } from "../../companion/plugin-archive.ts";
import { PHOTOPEA_ICON } from "../../companion/protocol/photopea.ts";
import { runCli } from "./cli/run-cli.ts";

const DIST = new URL("../../dist/", import.meta.url).pathname;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-plugin-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the plugin's zip", () => {
  const { name, bytes } = pluginArchive(DIST);
  const files = unzipSync(bytes);
  const read = (file: string) => strFromU8(files[`impasto-plugin-${packageVersion()}/${file}`] ?? new Uint8Array());

  test("is named after the version, and lies in one folder of that name", () => {
    expect(name).toBe(`impasto-plugin-${packageVersion()}.zip`);
    expect(Object.keys(files).map((path) => path.split("/")[0])).toEqual(Array(4).fill(name.replace(".zip", "")));
  });

  test("holds what its manifest names, beside it, and nothing else of a clone", () => {
    const manifest = JSON.parse(read("manifest.json"));
    const own = JSON.parse(readFileSync(new URL("../../manifest.json", import.meta.url), "utf8"));
    expect({ ...manifest, main: own.main, ui: own.ui }).toEqual(own);
    expect(read(manifest.main)).toBe(readFileSync(join(DIST, "code.js"), "utf8"));
    expect(read(manifest.ui)).toBe(readFileSync(join(DIST, "ui.html"), "utf8"));
    expect(read("README.md")).toContain("For reviewers");
  });

  test("is the same file each time", () => {
    expect(Buffer.compare(pluginArchive(DIST).bytes, bytes)).toBe(0);
  });
});

test("EXPECTED FAILURE - without a build it says so", () => {
  expect(() => pluginArchive(folder)).toThrow("has no Figma plugin in it");
});

test("`impasto plugin` writes it where it is told to", async () => {
  const out = join(folder, "sub", "plugin.zip");
  const { code, stdout, stderr } = await runCli(["plugin", "-o", out]);
  expect([code, stdout]).toEqual([0, `${out}\n`]);
  expect(stderr).toContain("manifest.json");
  expect(Object.keys(unzipSync(readFileSync(out)))).toHaveLength(4);
});

test("`impasto photopea --save` writes page, icon and description for any web host", async () => {
  const site = join(folder, "site");
  const { code } = await runCli(["photopea", "--url", "https://example.org/impasto/", "--save", site]);
  expect(code).toBe(0);
  expect(JSON.parse(readFileSync(join(site, "plugin.json"), "utf8"))).toMatchObject({
    name: "Impasto",
    url: "https://example.org/impasto/",
    icon: `===https://example.org/impasto/${PHOTOPEA_ICON}`,
  });
  const page = readFileSync(join(site, "index.html"), "utf8");
  const networks = ["vgg19-slim", "detailer-slim"].map((name) =>
    packNetwork(readFileSync(join("native", "networks", `${name}.safetensors`))),
  );
  expect(networks.map((network) => page.includes(`>${network}</script>`))).toEqual([true, true]);
  const without = networks.reduce((text, network) => text.replace(network, ""), page);
  expect(without === readFileSync(join(DIST, "photopea.html"), "utf8")).toBe(true);
  const icon = readFileSync(join(site, PHOTOPEA_ICON));
  expect([icon.subarray(1, 4).toString(), icon.readUInt32BE(16) % 20, icon.readUInt32BE(20) % 20]).toEqual([
    "PNG",
    0,
    0,
  ]);
  const nameless = await runCli(["photopea", "--save", site]);
  expect(nameless).toMatchObject({ code: 2, stderr: expect.stringContaining("--save needs the address") });
});
