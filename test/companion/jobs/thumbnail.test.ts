// Small pictures of results: made by the engine child, because a result may be a worker's.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Supervisor } from "../../../companion/supervisor/supervisor.ts";
import { bundleEntries } from "../support/bundle.ts";
import { finished, openTestService, request, submit, temporaryFolder, upload } from "../support/job-service.ts";
import { makePng, noisePng } from "../support/pictures.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";

let supervisor: Supervisor;
beforeAll(async () => {
  const [childPath = ""] = await bundleEntries("fake-child");
  supervisor = new Supervisor({ childPath });
});
afterAll(() => supervisor.close());

function fileOf(bytes: Uint8Array): string {
  const path = join(temporaryFolder(), "result");
  writeFileSync(path, bytes);
  return path;
}

it("has a long side of 192 pixels, and is no larger than the result", async () => {
  const sizeOf = async (path: string) => {
    const { width, height, format } = await sharp((await supervisor.call("shrink", path)) as Uint8Array).metadata();
    return [format, width, height];
  };
  const color = () => [10, 20, 30];
  expect(await sizeOf(fileOf(makePng(400, 200, color)))).toEqual(["png", 192, 96]);
  expect(await sizeOf(fileOf(makePng(50, 80, color)))).toEqual(["png", 50, 80]);
});

it("of a damaged result is refused, and the next one is made", async () => {
  const whole = noisePng(3);
  const damaged = fileOf(whole.subarray(0, whole.length - 60));
  await expect(supervisor.call("shrink", damaged)).rejects.toMatchObject({ code: "bad-picture" });
  expect(await supervisor.call("shrink", fileOf(whole))).toBeInstanceOf(Uint8Array);
});

it("is never made in the companion's own process", async () => {
  const asked: unknown[][] = [];
  const thumbnail = Buffer.from(noisePng(4));
  const engine = Object.assign(new ScriptedEngine(), {
    call: async (...call: unknown[]) => {
      asked.push(call);
      return thumbnail;
    },
  });
  const service = await openTestService({ data: temporaryFolder(), engine });
  try {
    const [content, style] = [await upload(service, noisePng(1)), await upload(service, noisePng(2))];
    const { id } = await submit(service, request(content, style));
    await expect(service.thumbnail(id)).rejects.toMatchObject({ code: "conflict" });
    engine.finish();
    const { result } = await finished(service, id);
    const { stream, contentType } = await service.thumbnail(id);
    expect([await buffer(stream as Readable), contentType]).toEqual([thumbnail, "image/png"]);
    expect(asked).toEqual([["shrink", expect.stringContaining(result?.sha256 ?? "none")]]);
  } finally {
    await service.close();
  }
});
