// Pulls from a local server that misbehaves, with thin networks.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { appendFile, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { torchvisionIndex } from "../../../companion/networks/convert.ts";
import { convolutionsOf, parseNetworkFile } from "../../../companion/networks/network-file.ts";
import { DEFAULT_PATIENCE } from "../../../companion/networks/patience.ts";
import { type PullEvent, type PullOptions, pullNetwork } from "../../../companion/networks/pull.ts";
import { encodeSafetensors } from "../../../companion/networks/safetensors.ts";
import { type Faults, type SourceServer, startSourceServer } from "./source-server.ts";
import { errorOf, IMPATIENT, registryOf, useTemporaryCache } from "./support.ts";
import { createRandom, randomKerasLayers, randomTorchvisionTensors, THIN_WIDTHS, writeKerasFile } from "./synthetic.ts";

// All pulls of this file go to a disk that says it is full, as network drives and quotas do: only writing tells.
vi.mock("node:fs/promises", async (original) => ({
  ...(await original<typeof import("node:fs/promises")>()),
  statfs: async () => ({ blocks: 1000, bavail: 0, bfree: 0, bsize: 4096 }),
}));

const VGG19 = convolutionsOf("vgg19");

/** Wide enough that a cut leaves something to resume: 1.3 MB of convolutions, 0.9 MB of classifier. */
const WIDTHS = THIN_WIDTHS.map((width) => width * 2);
const layers = randomKerasLayers(WIDTHS, 11);
const tensors = randomTorchvisionTensors(WIDTHS, 12, 200_000);
const safetensors = Buffer.from(encodeSafetensors(tensors, {}, "fp32"));

let keras: Buffer;
let cache: Awaited<ReturnType<typeof useTemporaryCache>>;
let server: SourceServer;

beforeAll(async () => {
  const first = await useTemporaryCache();
  const path = join(first.folder, "keras.h5");
  await writeKerasFile(path, layers);
  keras = await readFile(path);
  await first.remove();
});
beforeEach(async () => {
  cache = await useTemporaryCache();
});
afterEach(async () => {
  await server?.close();
  await cache.remove();
});
afterAll(() => {
  delete process.env.IMPASTO_TEST_FROM;
});

type Format = "keras-hdf5" | "safetensors";

async function serve(format: Format, faults: Faults = {}, path = "/file"): Promise<PullOptions> {
  server = await startSourceServer(format === "safetensors" ? safetensors : keras, faults);
  const sources = [{ url: server.url + path, format }];
  return { registry: registryOf("thin", WIDTHS, sources), patience: IMPATIENT, fp32: true, full: true };
}

function networks(): string {
  return join(cache.folder, "networks");
}

async function expectWhole(format: Format, path: string): Promise<void> {
  const { convolutions } = parseNetworkFile(await readFile(path));
  expect(convolutions.map(({ outChannels }) => outChannels)).toEqual(WIDTHS);
  const last = format === "safetensors" ? tensors.get("features.34.bias")?.values : layers[15]?.bias.values;
  expect(convolutions[15]?.bias).toEqual(last);
  if (format === "safetensors") expect(convolutions[1]?.weight).toEqual(tensors.get("features.2.weight")?.values);
}

describe.each(["keras-hdf5", "safetensors"] as const)("a pull of %s", (format) => {
  test("comes through, leaves nothing behind, and a second one finds it there", async () => {
    const options = await serve(format);
    const events: PullEvent[] = [];
    const { path, record, alreadyThere } = await pullNetwork("thin", {
      ...options,
      onEvent: (event) => events.push(event),
    });
    expect(alreadyThere).toBe(false);
    await expectWhole(format, path);
    expect(
      createHash("sha256")
        .update(await readFile(path))
        .digest("hex"),
    ).toBe(record.sha256);
    expect(readdirSync(networks()).sort()).toEqual(["sources.json", "thin.json", "thin.safetensors"]);
    const last = events.findLast((event) => event.kind === "progress");
    expect(last).toMatchObject({ secondsLeft: 0 });
    expect(last?.kind === "progress" && last.receivedBytes === last.totalBytes).toBe(true);
    const asked = server.requests.length;
    expect((await pullNetwork("thin", options)).alreadyThere).toBe(true);
    expect(server.requests.length).toBe(asked);
  });

  test("follows a redirect", async () => {
    const { path } = await pullNetwork("thin", await serve(format, {}, "/redirect"));
    await expectWhole(format, path);
    expect(server.requests.some((request) => request.status === 302)).toBe(true);
  });

  test("survives 503 and 429", async () => {
    const events: PullEvent[] = [];
    const options = await serve(format, { statuses: [503, 429] });
    const { path } = await pullNetwork("thin", { ...options, onEvent: (event) => events.push(event) });
    await expectWhole(format, path);
    const reasons = events.flatMap((event) => (event.kind === "retry" ? [event.reason] : []));
    expect(reasons.map((reason) => reason.match(/answered (\d{3})/)?.[1])).toEqual(["503", "429"]);
  });

  test("cut at ten random points, goes on where it stopped", async () => {
    const random = createRandom(21);
    const cutAfter = Array.from({ length: 10 }, () => Math.floor((random() * keras.length) / 8));
    const options = await serve(format, { cutAfter });
    const kept: number[] = [];
    const { path } = await pullNetwork("thin", {
      ...options,
      onEvent: ({ kind }) => kind === "retry" && kept.push(statSync(join(networks(), "thin.safetensors.part")).size),
    });
    await expectWhole(format, path);
    expect(cutAfter).toEqual([]);
    // Where a request begins, past the first and those for the header; both grow by what had come, not by what was sent.
    const begins = server.requests.map(({ range }) => Number(range?.match(/^bytes=(\d+)/)?.[1] ?? 0));
    const steps = (at: number[]) => [...new Set(at)].slice(1).map((next, i) => next - ([...new Set(at)][i] as number));
    expect(steps(kept).length).toBeGreaterThan(1);
    expect(Math.min(...kept)).toBeGreaterThan(0);
    expect(steps(begins.filter((begin) => begin > 0)).slice(-steps(kept).length)).toEqual(steps(kept));
  });

  test("cut at ten random points by a server without ranges, starts anew each time and comes through", async () => {
    const random = createRandom(22);
    const cutAfter = Array.from({ length: 10 }, () => Math.floor(random() * 0.9 * keras.length));
    const { path } = await pullNetwork("thin", await serve(format, { cutAfter, noRanges: true }));
    await expectWhole(format, path);
    expect(server.requests.length).toBe(11);
  });

  test("without ETag and date, never glues two answers together", async () => {
    const options = await serve(format, { noValidators: true, cutAfter: [300_000, 200_000] });
    const { path } = await pullNetwork("thin", options);
    await expectWhole(format, path);
  });

  test("a file that changes at its source in the middle is fetched anew, not mixed", async () => {
    const options = await serve(format, { cutAfter: format === "safetensors" ? [70_000, 70_000, 300_000] : [300_000] });
    const changed = Buffer.from(server.body);
    const pulling = pullNetwork("thin", {
      ...options,
      onEvent: (event) => {
        if (event.kind === "retry") server.body = changed;
      },
    });
    // Biases, so that the file stays a valid one: one that has arrived by then, and one that has not.
    for (const layer of [0, 15]) changed.writeFloatLE(0.75, changed.lastIndexOf(biasBytes(format, layer)));
    const { convolutions } = parseNetworkFile(await readFile((await pulling).path));
    expect([convolutions[0]?.bias[0], convolutions[15]?.bias[0]]).toEqual([0.75, 0.75]);
  });

  test("a drip is dropped and the next connection finishes the work", async () => {
    const options = await serve(format, { dripBytes: 50, dripAnswers: 2 });
    const reasons: string[] = [];
    const { path } = await pullNetwork("thin", {
      ...options,
      onEvent: (event) => event.kind === "retry" && reasons.push(event.reason),
    });
    await expectWhole(format, path);
    expect(reasons).toEqual([expect.stringMatching(/too slowly/), expect.stringMatching(/too slowly/)]);
  });

  test("an endless drip ends as download-failed and leaves the part", async () => {
    const options = await serve(format, { dripBytes: 50 });
    const error = await errorOf(pullNetwork("thin", { ...options, patience: { ...IMPATIENT, attempts: 2 } }));
    expect(error.code).toBe("download-failed");
    expect(error.message).toMatch(/too slowly/);
    expect(existsSync(join(networks(), "thin.safetensors"))).toBe(false);
  });

  test("stopped by the user, a later pull resumes", async () => {
    const options = await serve(format, { dripBytes: 20_000 });
    const stop = new AbortController();
    const stopped = errorOf(
      pullNetwork("thin", {
        ...options,
        signal: stop.signal,
        onEvent: (event) => {
          if (event.kind === "progress" && event.receivedBytes > 200_000) stop.abort();
        },
      }),
    );
    expect((await stopped).code).toBe("cancelled");
    server.faults = {};
    server.requests.length = 0;
    const { path } = await pullNetwork("thin", options);
    await expectWhole(format, path);
    const sent = server.requests.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
    expect(sent).toBeLessThan(keras.length - 100_000);
    expect(server.requests.at(-1)?.ifRange).toMatch(/^"/);
  });

  test("another file than at the first pull is refused, and --hash allows it", async () => {
    const options = await serve(format);
    await pullNetwork("thin", options);
    const before = await readFile(join(networks(), "thin.safetensors"));
    const changed = Buffer.from(server.body);
    changed.writeFloatLE(0.75, changed.lastIndexOf(biasBytes(format)));
    server.body = changed;
    const again = { ...options, from: `${server.url}/file` };
    await writeFile(join(networks(), "thin.safetensors"), "damaged");
    const error = await errorOf(pullNetwork("thin", { ...options }));
    expect(error.code).toBe("hash-mismatch");
    const hash = error.hint?.match(/--hash ([0-9a-f]{64})/)?.[1];
    const { path } = await pullNetwork("thin", { ...again, hash });
    expect(await readFile(path)).not.toEqual(before);
  });

  test("a value that is not a number is refused and nothing is installed", async () => {
    const options = await serve(format);
    const spoiled = Buffer.from(server.body);
    spoiled.writeFloatLE(Number.NaN, spoiled.lastIndexOf(biasBytes(format)));
    server.body = spoiled;
    const error = await errorOf(pullNetwork("thin", options));
    expect([error.code, error.message]).toEqual(["bad-network", expect.stringMatching(/not a finite number/)]);
    expect(readdirSync(networks()).filter((file) => !file.endsWith(".json"))).toEqual([]);
  });

  test("a file that ends early is refused", async () => {
    const options = await serve(format);
    server.body = server.body.subarray(0, server.body.length - 5000);
    const error = await errorOf(pullNetwork("thin", options));
    expect(error.code).toBe("bad-network");
  });

  test("other widths than the network's are refused", async () => {
    const options = await serve(format);
    const registry = registryOf("thin", THIN_WIDTHS, [{ url: `${server.url}/file`, format }]);
    const error = await errorOf(pullNetwork("thin", { ...options, registry }));
    expect([error.code, error.message]).toEqual(["bad-network", expect.stringMatching(/conv1_1 has 8 channels/)]);
  });

  test("404 is said at once, with the address and the way out", async () => {
    const options = await serve(format, { statuses: [404] });
    const error = await errorOf(pullNetwork("thin", options));
    expect(error.code).toBe("download-failed");
    expect(error.message).toMatch(/404 .*\/file/);
    expect(error.hint).toMatch(/--from/);
    expect(server.requests.length).toBe(1);
  });

  test("a full disk is said as such", async (context) => {
    if (!existsSync("/dev/full")) return context.skip("this system has no /dev/full");
    const options = await serve(format);
    await mkdir(networks(), { recursive: true });
    await symlink("/dev/full", join(networks(), "thin.safetensors.part"));
    const error = await errorOf(pullNetwork("thin", options));
    expect(error.code).toBe("disk-full");
    expect(error.hint).toMatch(/IMPASTO_CACHE/);
  });
});

/** The first values of a convolution's bias (conv5_4's where none is named), as they stand in the source file. */
function biasBytes(format: Format, layer = 15): Buffer {
  const stem = `features.${torchvisionIndex(VGG19[layer] ?? "", "vgg19")}`;
  const bias = format === "safetensors" ? tensors.get(`${stem}.bias`)?.values : layers[layer]?.bias.values;
  if (bias === undefined) throw new Error("no bias");
  return Buffer.from(bias.buffer, bias.byteOffset, 16);
}

describe("pulling", () => {
  test("only the convolutions are fetched when the server knows ranges", async () => {
    const options = await serve("safetensors");
    await pullNetwork("thin", { ...options, full: false });
    const sent = server.requests.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
    expect(sent).toBeLessThan(safetensors.length - 1.5e6);
  });

  test("a published hash that does not fit refuses the file, and the next source is tried", async () => {
    const options = await serve("keras-hdf5");
    const hash = { algorithm: "md5", hex: createHash("md5").update(keras).digest("hex") } as const;
    const wrong = { algorithm: "md5", hex: "0".repeat(32) } as const;
    const source = { url: `${server.url}/file`, format: "keras-hdf5" } as const;
    const registry = registryOf("thin", WIDTHS, [{ ...source, hash: wrong }]);
    const error = await errorOf(pullNetwork("thin", { ...options, registry }));
    expect(error.code).toBe("hash-mismatch");
    expect(readdirSync(networks()).filter((file) => file.endsWith(".safetensors"))).toEqual([]);
    const both = registryOf("thin", WIDTHS, [
      { ...source, hash: wrong },
      { ...source, url: `${server.url}/other`, hash, bytes: keras.length },
    ]);
    const { record } = await pullNetwork("thin", { ...options, registry: both });
    expect(record.source).toBe(`${server.url}/other`);
  });

  test("another length than the published one is refused before the body is read", async () => {
    const options = await serve("keras-hdf5", { dripBytes: 10 });
    const registry = registryOf("thin", WIDTHS, [
      { url: `${server.url}/file`, format: "keras-hdf5", bytes: 80_134_624 },
    ]);
    const error = await errorOf(pullNetwork("thin", { ...options, registry }));
    expect([error.code, error.message]).toEqual(["hash-mismatch", expect.stringMatching(/where 80 MB are expected/)]);
  });

  test("no network: said plainly, after few attempts", async () => {
    const options = await serve("keras-hdf5");
    await server.close();
    const events: PullEvent[] = [];
    const patience = { ...DEFAULT_PATIENCE, backoffMs: 10 };
    const error = await errorOf(pullNetwork("thin", { ...options, patience, onEvent: (event) => events.push(event) }));
    expect(error.code).toBe("download-failed");
    expect(error.message).toMatch(/127\.0\.0\.1:\d+: it refuses the connection/);
    expect(error.hint).toMatch(/HTTPS_PROXY/);
    expect(events.filter(({ kind }) => kind === "retry").length).toBe(2);
  });

  test("a name that nobody knows", async () => {
    const options = await serve("keras-hdf5");
    const error = await errorOf(pullNetwork("host.invalid", options));
    expect([error.code, error.hint]).toEqual(["network-unknown", expect.stringMatching(/thin/)]);
    const registry = registryOf("thin", WIDTHS, [{ url: "http://nowhere.invalid/x.h5", format: "keras-hdf5" }]);
    const lost = await errorOf(pullNetwork("thin", { ...options, registry }));
    expect(lost.message).toMatch(/there may be no network/);
  });

  test("a cache that cannot be written", async () => {
    const options = await serve("keras-hdf5");
    const file = join(cache.folder, "file");
    await writeFile(file, "");
    process.env.IMPASTO_CACHE = file;
    const error = await errorOf(pullNetwork("thin", options));
    expect(error.code).toBe("file-not-writable");
    expect(server.requests).toEqual([]);
  });

  test("--from takes a file, the environment an address", async () => {
    const options = await serve("keras-hdf5");
    const file = join(cache.folder, "my weights");
    await writeFile(file, keras);
    const events: string[] = [];
    const from = await pullNetwork("thin", { ...options, from: file, onEvent: ({ kind }) => events.push(kind) });
    expect(from.record.source).toBe(file);
    expect(events).toContain("unpublished");
    expect(server.requests).toEqual([]);
    process.env.IMPASTO_TEST_FROM = `${server.url}/mirror`;
    expect((await pullNetwork("thin", options)).record.source).toBe(`${server.url}/mirror`);
    delete process.env.IMPASTO_TEST_FROM;
  });

  test("--hash must fit", async () => {
    const options = await serve("keras-hdf5");
    const md5 = createHash("md5").update(keras).digest("hex");
    const error = await errorOf(pullNetwork("thin", { ...options, hash: md5.replace(/./, "x") }));
    expect(error.code).toBe("hash-mismatch");
    expect((await pullNetwork("thin", { ...options, hash: md5.toUpperCase() })).alreadyThere).toBe(false);
  });

  test("a pickle is refused unread", async () => {
    const options = await serve("keras-hdf5");
    const file = join(cache.folder, "model.pth");
    await writeFile(file, Buffer.from("\x80\x02\x8a\x0al\xfc\x9cF and so on", "latin1"));
    const error = await errorOf(pullNetwork("thin", { ...options, from: file }));
    expect([error.code, error.message]).toEqual(["bad-network", expect.stringMatching(/pickle/)]);
  });

  test("what is no HDF5 file, or only begins like one, is refused", async () => {
    const options = await serve("keras-hdf5");
    for (const content of ["nonsense".repeat(100), Buffer.concat([keras.subarray(0, 8), Buffer.alloc(5000)])]) {
      const file = join(cache.folder, "w.h5");
      await writeFile(file, content);
      expect((await errorOf(pullNetwork("thin", { ...options, from: file }))).code).toBe("bad-network");
    }
  });

  test("two pulls at once: the second waits and finds the network there", async () => {
    const options = await serve("keras-hdf5", { dripBytes: 30_000 });
    const events: string[][] = [[], []];
    const results = await Promise.all(
      events.map((list) => pullNetwork("thin", { ...options, onEvent: ({ kind }) => list.push(kind) })),
    );
    expect(results.map(({ alreadyThere }) => alreadyThere).sort()).toEqual([false, true]);
    expect(server.requests.length).toBe(1);
    expect(events.flat().filter((kind) => kind === "waiting").length).toBe(1);
    expect(existsSync(join(networks(), "thin.safetensors.lock"))).toBe(false);
  });

  test("the lock of a process that is gone does not hold up the next pull", async () => {
    const options = await serve("keras-hdf5");
    await mkdir(networks(), { recursive: true });
    const { hostname } = await import("node:os");
    const lock = JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), id: "old" });
    await writeFile(join(networks(), "thin.safetensors.lock"), lock);
    const { alreadyThere } = await pullNetwork("thin", options);
    expect(alreadyThere).toBe(false);
  });

  test("a stored file that was changed is noticed and fetched anew", async () => {
    const options = await serve("keras-hdf5");
    const { path } = await pullNetwork("thin", options);
    await appendFile(path, "x");
    const again = await pullNetwork("thin", options);
    expect(again.alreadyThere).toBe(false);
    await expectWhole("keras-hdf5", path);
  });
});
