// The panel's own engine keeps the contract: in Chromium, on software rendering.

import { readFileSync } from "node:fs";
import { launchBrowser, SWIFTSHADER } from "../../setup/browser.ts";
import { describeContract } from "./contract.ts";
import { bundle, openContractPage } from "./open-page.ts";
import type { ContractPage } from "./page-messages.ts";

const embedded = (name: string) =>
  readFileSync(new URL(`../../../native/networks/${name}.safetensors`, import.meta.url)).toString("base64");

describeContract("the panel's own engine", async () => {
  const [browser, script] = await Promise.all([
    launchBrowser(SWIFTSHADER),
    bundle("ui/engines/panel/worker/webgl-worker.ts"),
  ]);
  const page = await openContractPage(browser);
  const capabilities = await page.evaluate(
    (parts) => (globalThis as unknown as { contract: ContractPage }).contract.openWebgl(parts),
    { script, network: embedded("vgg19-slim"), detailer: embedded("detailer-slim") },
  );
  return { page, capabilities, close: () => browser.close() };
});
