// The panel's own engine on WebGPU, over SwiftShader: the numbers. Whole runs stand in webgpu.slow.test.ts.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser, SWIFTSHADER, SWIFTSHADER_WEBGPU } from "../../../../setup/browser.ts";
import { call, expectAgreement, inPage, openParts } from "../vector-check.ts";

/** Software rendering on a busy machine. */
const LONG = 240_000;

describe("the panel's own engine on WebGPU", () => {
  let browser: Browser;
  let server: Server;
  let page: Page;

  beforeAll(async () => {
    // WebGPU is for secure contexts, which localhost is and about:blank is not.
    server = createServer((_, response) => {
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.end("<!doctype html><title>Impasto</title>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    browser = await launchBrowser([...SWIFTSHADER, ...SWIFTSHADER_WEBGPU]);
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await openParts(page, ["webgpu", "webgl"]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test("is not taken where WebGPU is a CPU in disguise", async () => {
    expect(await call(page, "ordinaryWebgpu", null)).toBeNull();
  });

  test(
    "min-max agrees to 1e-4, and WebGPU is what computed it",
    async () => {
      expect(await expectAgreement(inPage(page), "min-max")).toBe("webgpu");
    },
    LONG,
  );
});
