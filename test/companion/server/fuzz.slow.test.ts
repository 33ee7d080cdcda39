// Twenty thousand malformed requests.

import { describe, it } from "vitest";
import { fuzz } from "./fuzz-run.ts";

describe("malformed requests", () => {
  it("get a typed refusal, soon, and the server lives", () => fuzz(20_000, 2));
});
