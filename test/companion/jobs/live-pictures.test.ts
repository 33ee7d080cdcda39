// Live pictures: small, at once, and nothing is left of them; runs come first.

import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalJobService } from "../../../companion/jobs/job-service.ts";
import type { Settings } from "../../../companion/protocol/settings.ts";
import { bundleEntries } from "../support/bundle.ts";
import { FAULTS } from "../support/faults.ts";
import {
  finished,
  openTestService,
  PATIENT,
  readAll,
  request,
  submit,
  temporaryFolder,
  upload,
} from "../support/job-service.ts";
import { noisePng } from "../support/pictures.ts";

/** Its 20 iterations take so long that whatever is meant to come between them does. */
const SLOW = { stepSize: 1 };
const SLOW_JOB = { stepSize: 0.5, iterations: 10 };

const data = temporaryFolder();
let service: LocalJobService;
let content = "";
let style = "";

beforeAll(async () => {
  const [childPath = ""] = await bundleEntries("fake-child");
  service = await openTestService({ data, childPath, supervisor: { backoffMs: [10] } });
  content = await upload(service, noisePng(1, 640));
  style = await upload(service, noisePng(2));
});
afterAll(() => service.close());

function live(settings: Partial<Settings> = {}, owner = "panel", signal = new AbortController().signal) {
  const painting = service.live(request(content, style, settings), { owner, signal });
  painting.catch(() => undefined);
  return painting;
}

const running = async () => expect.poll(() => service.childPid, PATIENT).toBeDefined();

describe("a live picture", () => {
  it("is a PNG no larger than 512 px, and leaves no job, no blob and no file", async () => {
    const files = () => readdirSync(data, { recursive: true }).map(String).sort();
    const before = files();
    const { stream, contentType } = await live();
    const png = await readAll(stream);
    expect(contentType).toBe("image/png");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([512, 512]);
    expect(service.list({ limit: 10 })).toEqual([]);
    expect(files()).toEqual(before);
  });

  it("makes way for the next one of the same owner, and for no other's", async () => {
    const [first, other] = [live(SLOW), live({}, "another panel")];
    const second = live();
    await expect(first).rejects.toMatchObject({ code: "cancelled" });
    await expect(other).resolves.toMatchObject({ contentType: "image/png" });
    await expect(second).resolves.toMatchObject({ contentType: "image/png" });
  });

  it("is given up when nobody waits for it any more", async () => {
    const abort = new AbortController();
    const painting = live(SLOW, "panel", abort.signal);
    await running();
    abort.abort();
    await expect(painting).rejects.toMatchObject({ code: "cancelled" });
    await expect(live()).resolves.toMatchObject({ contentType: "image/png" });
  });

  it("is refused while a job is in work", async () => {
    const job = await submit(service, request(content, style, SLOW_JOB));
    await expect(live()).rejects.toMatchObject({ code: "busy" });
    await finished(service, job.id);
  });

  it("is given up when a job begins, which is done at its first attempt", async () => {
    await live();
    const painting = live(SLOW);
    const job = await submit(service, request(content, style));
    await expect(painting).rejects.toMatchObject({ code: "busy" });
    expect(await finished(service, job.id)).toMatchObject({ state: "done", attempts: 1 });
  });

  it("that hangs costs its child, and not the job that waits for it", async () => {
    await live();
    const painting = live({ seed: FAULTS.hang });
    // It hangs at its fifth iteration of 2 ms.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const job = await submit(service, request(content, style));
    await expect(painting).rejects.toMatchObject({ code: "busy" });
    expect(await finished(service, job.id)).toMatchObject({ state: "done" });
  });

  it("says of a setting that no quick picture has", async () => {
    await expect(live({ quality: "quick", seamless: "both" })).rejects.toMatchObject({ code: "bad-setting" });
    await expect(
      service.live(request("0".repeat(64), style), { owner: "panel", signal: new AbortController().signal }),
    ).rejects.toMatchObject({ code: "not-found" });
  });
});
