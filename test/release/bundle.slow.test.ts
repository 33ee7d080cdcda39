// A whole bundle for this system: built, unpacked elsewhere, started with the Node inside and nothing else on the path;
// and the way of a designer from there to the first picture in the stand-in for Figma.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { downloadHere } from "../../ui/downloads.ts";
import { onlyPort } from "../e2e/companion.ts";
import { Panel } from "../e2e/figma-panel.ts";
import { DESKTOP_APP, openWindow } from "../hosts/figma/frame.ts";
import { twoLayers } from "../hosts/figma/samples.ts";
import { launchBrowser } from "../setup/browser.ts";
import { ROOT } from "../tree/source-files.ts";

const PLATFORM = `${process.platform}-${process.arch}`;
const AGENTS: Record<string, string> = { "linux-x64": "X11; Linux x86_64", "linux-arm64": "X11; Linux aarch64" };
/** The double-click and the plugin's import in Figma among them. */
const CLICKS_LIMIT = 6;
/** Beside Node and ONNX Runtime, which are as large as they are: sharp, SQLite, networks, pages. */
const REST_LIMIT_MB = 62;

function build(out: string): string {
  const script = join(ROOT, "companion/bundle/bundle.mjs");
  return execFileSync(process.execPath, [script, "--out", out], { cwd: ROOT, encoding: "utf8" });
}

describe.runIf(process.platform === "linux")(`the bundle for ${PLATFORM}`, () => {
  let folder: string;
  let zip: string;
  let printed: string;
  let home: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "impasto-bundled-"));
    printed = build(join(folder, "out"));
    zip = readdirSync(join(folder, "out")).find((name) => name.endsWith(".zip")) ?? "";
    execFileSync("unzip", ["-q", join(folder, "out", zip), "-d", folder]);
    home = join(folder, zip.replace(".zip", ""));
  }, 1_800_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = (...words: string[]) =>
    spawnSync(join(home, "impasto"), words, {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: "/usr/bin:/bin", HOME: folder, IMPASTO_HOME: join(folder, "kept") },
    });

  test("is what SHA256SUMS says, and about as large as the panel says", () => {
    const bytes = readFileSync(join(folder, "out", zip));
    const hash = createHash("sha256").update(bytes).digest("hex");
    expect(readFileSync(join(folder, "out", "SHA256SUMS"), "utf8")).toBe(`${hash}  ${zip}\n`);
    const page = {
      querySelector: () => ({ getAttribute: () => "https://example.org/Impasto" }),
    } as unknown as Document;
    const said = Number(/(\d+) MB$/.exec(downloadHere(page, AGENTS[PLATFORM])?.label ?? "")?.[1]);
    expect(Math.abs(bytes.length / 1e6 - said)).toBeLessThan(said * 0.1);
  });

  test("holds little beside Node and ONNX Runtime, and no other system's libraries", () => {
    expect(Number(/the rest ([\d.]+) MB/.exec(printed)?.[1])).toBeLessThan(REST_LIMIT_MB);
    const files = readdirSync(home, { recursive: true, encoding: "utf8" });
    expect(files.filter((name) => /\.(?:dll|dylib|exe|map)$|\.d\.ts$/.test(name))).toEqual([]);
    for (const name of ["LICENSE", "third-party-notices.md", "node/LICENSE"]) expect(files).toContain(name);
  });

  test("looks at everything and finds it in order", () => {
    const { status, stdout } = start("doctor");
    expect(stdout).toContain("Everything that a run needs is there.");
    expect(stdout).toContain("Node 22.");
    expect(status).toBe(0);
  });

  test("paints a picture and saves the plugin", () => {
    const samples = join(home, "app/companion/samples");
    const words = [join(samples, "tubingen.jpg"), join(samples, "starry-night.jpg"), "-o", "out.png", "--size", "64"];
    expect(start("stylize", ...words, "--first-iterations", "4")).toMatchObject({ status: 0 });
    expect(statSync(join(folder, "out.png")).size).toBeGreaterThan(1000);
    expect(start("plugin")).toMatchObject({ status: 0 });
    expect(readdirSync(folder).some((name) => /^impasto-plugin-.*\.zip$/.test(name))).toBe(true);
  });

  test("leads from the unpacked folder to a picture in Figma by few clicks", async () => {
    const begun = performance.now();
    const steps: string[] = [];
    const step = (what: string) => steps.push(`${((performance.now() - begun) / 1000).toFixed(0)} s ${what}`);
    const click = async (what: string, where?: Locator) => {
      await where?.click();
      step(what);
    };
    const env = { PATH: "/usr/bin:/bin", HOME: folder, IMPASTO_HOME: join(folder, "first") };
    await click("double-click Impasto");
    const companion = spawn(join(home, "impasto"), { env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [companion.stdout, companion.stderr]) {
      stream.on("data", (data) => {
        said += String(data);
      });
    }
    try {
      await expect.poll(() => said, { timeout: 60_000 }).toMatch(/into the panel .*: [0-9A-Z-]{9}/);
      const [, page = "", port = ""] = /page: (http:\/\/localhost:(\d+)\S*)/.exec(said) ?? [];
      const browser = await launchBrowser([...DESKTOP_APP, onlyPort(Number(port))]);
      try {
        const studio = await browser.newPage();
        await studio.goto(page);
        await click("Settings", studio.getByRole("tab", { name: "Settings" }));
        const saved = studio.waitForEvent("download");
        await click("Get the Figma plugin", studio.getByText("Get the Figma plugin"));
        const plugin = unzipSync(readFileSync(await (await saved).path()));
        const code = Object.entries(plugin).find(([name]) => name.endsWith("code.js"))?.[1] ?? new Uint8Array();
        expect(strFromU8(code)).toBe(readFileSync(join(ROOT, "dist/code.js"), "utf8"));
        await studio.close();

        await click("Figma: Import plugin from manifest…");
        const window = await openWindow(browser, await twoLayers());
        const panel = new Panel(window);
        await click("Type the code", panel.button("Type the code"));
        await window.panel.getByLabel("Pairing code").fill(/: ([0-9A-Z-]{9})\n/.exec(said)?.[1] ?? "");
        await panel.text(/^Companion on/).waitFor();
        await click("Stylize", panel.button("Stylize"));
        const clicks = steps.length;
        await panel.text(/^Done in/).waitFor({ timeout: 900_000 });
        step("the picture");
        await panel.screenshot("first-run");
        console.log(steps.join("\n"));
        expect(clicks).toBeLessThanOrEqual(CLICKS_LIMIT);
        expect(window.complaints).toEqual([]);
        await window.close();
      } finally {
        await browser.close();
      }
    } finally {
      companion.kill();
    }
  });

  test("opens the queue's packages, of which it holds one build of several", () => {
    const code = 'import("bullmq").then(({ Worker }) => console.log(typeof Worker))';
    const words = ["--input-type=module", "--eval", code];
    const { stdout, stderr } = spawnSync(join(home, "node/node"), words, { cwd: join(home, "app"), encoding: "utf8" });
    expect([stdout, stderr]).toEqual(["function\n", ""]);
  });

  test("is the same file when it is built again", () => {
    build(join(folder, "again"));
    const one = readFileSync(join(folder, "out", zip));
    expect(existsSync(join(folder, "again", zip))).toBe(true);
    expect(Buffer.compare(one, readFileSync(join(folder, "again", zip)))).toBe(0);
  }, 1_800_000);
});
