// Opens a ledger in a process of its own: says "busy" or "open"; with "die", inserts a job and is killed.

import { openLedger } from "../../../companion/ledger/ledger.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";

const [path = "", mode] = process.argv.slice(2);
try {
  const ledger = openLedger(path);
  if (mode === "die") {
    const content = { sha256: "a".repeat(64) };
    ledger.transaction(() =>
      ledger.jobs.insert(
        {
          id: "held",
          owner: "o",
          request: { content, styles: [{ picture: content, weight: 1 }], settings: {} },
          settings: DEFAULT_SETTINGS,
          detached: true,
          batch: null,
        },
        ledger.stamp(),
      ),
    );
    process.kill(process.pid, "SIGKILL");
  }
  console.log("open");
} catch (error) {
  console.log(error instanceof ImpastoError ? error.code : error);
}
