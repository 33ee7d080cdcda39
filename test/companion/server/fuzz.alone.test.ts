// A tenth of the malformed requests; fuzz.slow.test.ts sends all.

import { describe, it } from "vitest";
import { fuzz } from "./fuzz-run.ts";

describe("malformed requests", () => {
  it("get a typed refusal, soon, and the server lives", () => fuzz(2_000, 1));
});
