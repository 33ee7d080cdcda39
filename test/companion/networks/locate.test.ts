// What each name and quality leads to, and the cache's own operations.

import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { convertTorchvision } from "../../../companion/networks/convert.ts";
import { embeddedNetworks } from "../../../companion/networks/embedded.ts";
import { importNetwork } from "../../../companion/networks/import-file.ts";
import { describeNetwork, listNetworks } from "../../../companion/networks/list.ts";
import { encodeNetworkFile, parseNetworkFile } from "../../../companion/networks/network-file.ts";
import { normalizeFile } from "../../../companion/networks/normalize-file.ts";
import { networksFolder, removeNetwork, storedPath, storeNetwork } from "../../../companion/networks/store.ts";
import { presentNetworks, verifyNetwork } from "../../../companion/networks/verify.ts";
import { writePictureFile } from "../../../companion/pictures/files.ts";
import { errorOf, useTemporaryCache } from "./support.ts";
import { randomImage, randomTorchvisionTensors, THIN_WIDTHS } from "./synthetic.ts";

const BEST_EMBEDDED = embeddedNetworks()[0]?.name;
const network = convertTorchvision(randomTorchvisionTensors(THIN_WIDTHS, 51, 0), {
  name: "vgg19",
  source: "a test",
  license: "none",
  full: true,
  precision: "fp16",
});

let cache: Awaited<ReturnType<typeof useTemporaryCache>>;
beforeEach(async () => {
  cache = await useTemporaryCache();
});
afterEach(() => cache.remove());

/** A fresh process's view: nothing said yet, nothing checked yet. */
async function freshLocate() {
  vi.resetModules();
  return (await import("../../../companion/networks/locate.ts")).locateNetwork;
}

describe("auto", () => {
  test("without vgg19: the embedded networks, said once", async () => {
    const locate = await freshLocate();
    expect(await locate("auto", "draft")).toEqual({ name: "vgg19-slim", path: expect.stringMatching(/vgg19-slim/) });
    const first = await locate("auto", "standard");
    expect([first.name, first.note]).toEqual([BEST_EMBEDDED, expect.stringMatching(/impasto networks pull vgg19/)]);
    expect(await locate("auto", "fine")).toEqual({ name: BEST_EMBEDDED, path: first.path });
  });

  test("with vgg19: for standard and fine, not for drafts", async () => {
    const locate = await freshLocate();
    await storeNetwork(network, "test");
    expect((await locate("auto", "standard")).path).toBe(storedPath("vgg19"));
    expect(await locate("auto", "fine")).toEqual({ name: "vgg19", path: storedPath("vgg19") });
    expect((await locate("auto", "draft")).name).toBe("vgg19-slim");
  });

  test("with a damaged vgg19: the embedded one, and why", async () => {
    const locate = await freshLocate();
    await storeNetwork(network, "test");
    await appendFile(storedPath("vgg19"), "x");
    const { name, note } = await locate("auto", "standard");
    expect([name, note]).toEqual([BEST_EMBEDDED, expect.stringMatching(/has changed.*remove vgg19/s)]);
  });

  test("a change that keeps size and date's second is noticed by the hash", async () => {
    const locate = await freshLocate();
    await storeNetwork(network, "test");
    expect((await locate("vgg19", "fine")).name).toBe("vgg19");
    const bytes = await readFile(storedPath("vgg19"));
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(storedPath("vgg19"), bytes);
    expect((await locate("vgg19", "fine").catch((reason) => reason)).code).toBe("hash-mismatch");
  });
});

describe("names", () => {
  test("known but not fetched: the command to run", async () => {
    const locate = await freshLocate();
    const error = await locate("vgg19-torchvision", "fine").catch((reason) => reason);
    expect([error.code, error.hint]).toEqual(["network-missing", "Run: impasto networks pull vgg19-torchvision"]);
  });

  test.each(["nonsense", "../../etc/passwd", "/etc/passwd", "a.safetensors", "VGG19", ""])(
    "%j is not known",
    async (name) => {
      const locate = await freshLocate();
      const error = await locate(name, "fine").catch((reason) => reason);
      expect(error.code).toMatch(/network-unknown|bad-request/);
      expect(error.hint).toBeTruthy();
    },
  );

  test("a path is taken only where that is allowed", async () => {
    const locate = await freshLocate();
    const file = join(cache.folder, "mine.safetensors");
    await writeFile(file, "x");
    expect(await locate(file, "fine", { allowPath: true })).toEqual({ name: file, path: file });
    expect((await locate(file, "fine").catch((reason) => reason)).code).toBe("network-unknown");
    expect((await locate(`${file}x/y`, "fine", { allowPath: true }).catch((reason) => reason)).code).toBe(
      "file-not-found",
    );
  });
});

describe("the cache", () => {
  test("a file under a name that is no network's is left alone", async () => {
    await mkdir(networksFolder(), { recursive: true });
    await writeFile(join(networksFolder(), "vgg19 (copy).safetensors"), "from somebody else");
    expect((await listNetworks()).map(({ name }) => name)).toContain("vgg19-slim");
  });

  test("IMPASTO_CACHE names the folder, else the platform's convention", () => {
    expect(networksFolder()).toBe(join(cache.folder, "networks"));
    const before = process.env.XDG_CACHE_HOME;
    process.env.IMPASTO_CACHE = "";
    process.env.XDG_CACHE_HOME = "/xdg";
    const conventional = networksFolder();
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
    const expected = { darwin: /Library.Caches.impasto.networks$/, win32: /impasto.Cache.networks$/ } as const;
    const pattern =
      process.platform in expected ? expected[process.platform as "darwin" | "win32"] : /^\/xdg\/impasto\/networks$/;
    expect(conventional).toMatch(pattern);
  });

  test("list tells what is built in, there and to be had", async () => {
    await storeNetwork({ ...network, name: "mine" }, "test");
    const list = await listNetworks();
    const states = Object.fromEntries(list.map(({ name, state }) => [name, state]));
    expect(states).toMatchObject({
      "vgg19-slim": "embedded",
      vgg19: "missing",
      "vgg19-torchvision": "missing",
      mine: "present",
    });
    expect(await describeNetwork("vgg19")).toMatchObject({ bytes: 80_134_624, license: "CC BY 4.0", sha256: null });
    expect((await describeNetwork("mine")).layers.at(-1)).toBe("relu5_4");
  });

  test("an imported file is trimmed, verified, found and removed", async () => {
    const file = join(cache.folder, "My Net_v2.safetensors");
    await writeFile(file, encodeNetworkFile({ ...network, precision: "fp32" }));
    const record = await importNetwork(file);
    expect(record).toMatchObject({ name: "my-net-v2", depth: 13, precision: "fp16" });
    expect(await verifyNetwork("my-net-v2")).toMatchObject({ depth: 13, sha256: record.sha256 });
    expect(await presentNetworks()).toContain("my-net-v2");
    await removeNetwork("my-net-v2");
    expect((await errorOf(verifyNetwork("my-net-v2"))).code).toBe("network-missing");
    expect((await errorOf(removeNetwork("my-net-v2"))).code).toBe("network-missing");
  });

  test("a name that Impasto knows is not given away", async () => {
    const file = join(cache.folder, "x.safetensors");
    await writeFile(file, encodeNetworkFile(network));
    expect((await errorOf(importNetwork(file, { name: "vgg19-slim" }))).code).toBe("bad-request");
    const error = await errorOf(importNetwork(file, { name: "vgg19" }));
    expect([error.code, error.hint]).toEqual(["bad-request", expect.stringMatching(/pull vgg19 --from/)]);
    expect((await errorOf(importNetwork(file, { name: "../x" }))).code).toBe("bad-request");
    expect((await errorOf(importNetwork(join(cache.folder, "none")))).code).toBe("file-not-found");
  });

  test("verify sees a changed byte", async () => {
    await storeNetwork(network, "test");
    const bytes = await readFile(storedPath("vgg19"));
    bytes[5000] = (bytes[5000] ?? 0) ^ 1;
    await writeFile(storedPath("vgg19"), bytes);
    expect((await errorOf(verifyNetwork("vgg19"))).code).toBe("hash-mismatch");
  });
});

test("normalize reads photos and writes a file that says so", async () => {
  const photos = join(cache.folder, "photos");
  await mkdir(photos);
  for (const seed of [1, 2, 3]) {
    const { data } = randomImage(64, seed);
    await writePictureFile(join(photos, `${seed}.png`), { width: 64, height: 64, channels: 3, data });
  }
  const file = join(cache.folder, "in.safetensors");
  const out = join(cache.folder, "out", "normalized.safetensors");
  await writeFile(file, encodeNetworkFile(network));
  expect(await normalizeFile(file, { photos, out, size: 48, max: 2 })).toEqual({ photos: 2 });
  const { metadata, precision } = parseNetworkFile(await readFile(out));
  expect([metadata.normalized, precision]).toEqual(["mean activation 1 over 2 photos", "fp16"]);
  const empty = errorOf(normalizeFile(file, { photos: join(cache.folder, "out"), out, size: 48, max: 2 }));
  expect((await empty).code).toBe("file-not-found");
});
