// Pictures that browsers do not read, as pictures that they do: decoded in the engine child, kept nowhere.

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LocalJobService } from "../../../companion/jobs/job-service.ts";
import { decodePicture } from "../../../companion/pictures/decode.ts";
import { bundleEntries } from "../support/bundle.ts";
import { openTestService, readAll, temporaryFolder, upload } from "../support/job-service.ts";

const readCase = (name: string) => readFileSync(new URL(`../pictures/kinds/cases/${name}`, import.meta.url));
const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

let service: LocalJobService;
beforeAll(async () => {
  const [childPath = ""] = await bundleEntries("fake-child");
  service = await openTestService({ data: temporaryFolder(), childPath });
});
afterAll(() => service.close());

describe("a picture that browsers do not read", () => {
  test.each([
    ["p3.heic", "image/jpeg"],
    ["t-rgb+unspec.tif", "image/jpeg"],
    ["t-rgb+2alpha.tif", "image/png"],
  ])("%s comes back as %s, of its size and its colors", async (name, contentType) => {
    const given = readCase(name);
    const sha256 = await upload(service, given);
    const answer = await service.convert({ sha256, name });
    expect(answer).toMatchObject({ contentType, notes: [] });
    const [{ picture: source }, { picture: converted }] = await Promise.all([
      decodePicture(given, name),
      readAll(answer.stream).then((bytes) => decodePicture(bytes, "converted")),
    ]);
    expect([converted.width, converted.height]).toEqual([source.width, source.height]);
    expect(Math.abs(mean(converted.data) - mean(source.data))).toBeLessThan(1 / 255);
  });

  test("is refused by its name where it is damaged, and where it was never sent", async () => {
    const whole = readCase("t-rgb+unspec.tif");
    const sha256 = await upload(service, whole.subarray(0, whole.length - 200));
    await expect(service.convert({ sha256, name: "Old scan" })).rejects.toMatchObject({
      code: "bad-picture",
      message: expect.stringContaining("Old scan"),
    });
    await expect(service.convert({ sha256: "0".repeat(64) })).rejects.toMatchObject({ code: "not-found" });
  });
});
