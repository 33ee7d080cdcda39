// The companion keeps the contract: the real server, its child process and the native engine on the CPU.

import { onlyPort, startCompanion } from "../../e2e/companion.ts";
import { launchBrowser } from "../../setup/browser.ts";
import { describeContract } from "./contract.ts";
import { openContractPage } from "./open-page.ts";
import type { ContractPage } from "./page-messages.ts";

describeContract("the companion", async () => {
  const companion = await startCompanion();
  const browser = await launchBrowser([onlyPort(companion.port)]);
  const page = await openContractPage(browser);
  const capabilities = await page.evaluate(
    (at) => (globalThis as unknown as { contract: ContractPage }).contract.openCompanion(at),
    { base: `http://localhost:${companion.port}`, code: await companion.pairingCode() },
  );
  return {
    page,
    capabilities,
    async close() {
      await browser.close();
      await companion.stop();
    },
  };
});
