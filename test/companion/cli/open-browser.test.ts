import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openBrowser } from "../../../companion/cli/open-browser.ts";
import { temporaryFolder } from "../support/job-service.ts";

test("A disk that takes no file keeps the page closed, not the companion from going on", () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  expect(() => openBrowser("http://localhost:1/#ticket=x", join(file, "open.html"))).not.toThrow();
});
