// `npm run figma:stand-in` as a person sees it: layers on a canvas, the panel beside them, a click selects.

import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { launchBrowser, SWIFTSHADER } from "../setup/browser.ts";
import { onlyPort, startCompanion } from "./companion.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

test("the stand-in's page shows the document and the panel, and finds the companion, and a click selects a layer", async () => {
  const server = spawn(process.execPath, ["test/hosts/figma/stand-in.mjs"], { cwd: ROOT });
  const companion = await startCompanion();
  const browser = await launchBrowser([...SWIFTSHADER, onlyPort(companion.port)]);
  try {
    const address = await new Promise<string>((resolve, reject) => {
      server.stdout.on("data", (data: Buffer) => {
        const found = /http:\S+/.exec(data.toString());
        if (found !== null) resolve(found[0]);
      });
      server.on("close", (code) => reject(new Error(`it ended with ${code}`)));
    });
    const page = await browser.newPage({ viewport: { width: 1100, height: 760 } });
    await page.goto(address);
    await expect
      .poll(() => page.frames().some((frame) => frame.url() === "about:srcdoc"), { timeout: 20_000 })
      .toBe(true);
    const panel = page.frames().find((frame) => frame.url() === "about:srcdoc");
    await panel?.getByText("Harbor").waitFor();
    await panel?.getByText("Pair with the companion").waitFor();
    mkdirSync(`${ROOT}test/artifacts`, { recursive: true });
    await expect.poll(() => page.locator("#canvas .selected").count()).toBe(2);
    await page.screenshot({ path: `${ROOT}test/artifacts/figma-stand-in.png` });
    await page.locator("#canvas").getByText("Title").click();
    await panel?.getByText("Title").waitFor();
    await expect.poll(() => page.locator("#canvas .selected").count()).toBe(1);
  } finally {
    await browser.close();
    server.kill();
    await companion.stop();
  }
});
