// What people give for a network and is none: named by content, whatever it is called, with what to do.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { embeddedNetworks } from "../../../companion/networks/embedded.ts";
import { importNetwork } from "../../../companion/networks/import-file.ts";
import { locateNetwork } from "../../../companion/networks/locate.ts";
import { errorOf, useTemporaryCache } from "./support.ts";
import { randomKerasLayers, THIN_WIDTHS, writeKerasFile } from "./synthetic.ts";

let folder: string;
let cache: Awaited<ReturnType<typeof useTemporaryCache>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "impasto-foreign-"));
  cache = await useTemporaryCache();
});
afterAll(async () => {
  await cache.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** The first entry of a zip, as far as its name. */
const zip = (entry: string) => {
  const header = Buffer.alloc(30);
  header.write("PK\x03\x04", "latin1");
  header.writeUInt16LE(entry.length, 26);
  return Buffer.concat([header, Buffer.from(entry), Buffer.alloc(40)]);
};
const bytes = (text: string) => Buffer.from(text, "latin1");

/** As real files of each kind begin. */
const KINDS: [string, Buffer, RegExp, RegExp][] = [
  ["nothing", bytes(""), /is empty\./, /Download the file itself/],
  ["a web page", bytes("\n<!DOCTYPE html>\n<html><head>"), /is a web page/, /Download the file itself/],
  [
    "a pointer of Git LFS",
    bytes("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 574673361\n"),
    /is a pointer of Git LFS/,
    /git lfs pull/,
  ],
  ["PyTorch's zip", zip("archive/data.pkl"), /is PyTorch's \(a pickle: .* not read\)/, /safetensors\.torch\.save_file/],
  ["TorchScript", zip("vgg19/constants.pkl"), /is PyTorch's/, /safetensors/],
  [
    "a bare pickle",
    bytes("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03."),
    /is a pickle/,
    /safetensors/,
  ],
  ["a Keras archive", zip("metadata.json"), /is Keras' newer archive/, /\.h5/],
  ["arrays of NumPy", zip("arr_0.npy"), /NumPy arrays/, /safetensors/],
  ["a zip of something", zip("vgg19/readme.txt"), /is a zip archive/, /Unpack it/],
  ["gzip", bytes("\x1f\x8b\x08\0\0\0\0\0"), /is an archive/, /Unpack it/],
  ["ONNX", bytes("\x08\x08\x12\x07pytorch\x1a\x052.1.0:\xb6\x93"), /is an ONNX model/, /safetensors/],
  ["a TensorFlow SavedModel", bytes("\x08\x01\x12\xf4\x8e\x01\x0a\x91"), /is a TensorFlow SavedModel/, /\.h5/],
  ["a TensorFlow graph", bytes("\x0a\x2e\x0a\x05input\x12\x0bPlaceholder"), /is a TensorFlow graph/, /\.h5/],
  ["Core ML", bytes("\x08\x04\x12\xbd\x02\x0a\x1b\x0a\x05image"), /is a Core ML model/, /safetensors/],
  [
    "a Caffe model",
    bytes("\x0a\x14VGG_ILSVRC_19_layers\x12\xd2\x0e\x12\x07conv1_1"),
    /is a Caffe model/,
    /safetensors/,
  ],
  ["a prototxt", bytes('name: "VGG_ILSVRC_19_layers"\ninput: "data"\n'), /description of a Caffe network/, /\.h5/],
  ["Torch 7", bytes("\x04\0\0\0\x01\0\0\0\x03\0\0\0V 1\x0d\0\0\0nn.Sequential"), /is a network of Lua Torch/, /\.h5/],
  ["Torch 7 as text", bytes("4\n1\n3\nV 1\n13\nnn.Sequential"), /is a network of Lua Torch/, /\.h5/],
  ["TensorFlow Lite", bytes("\x1c\0\0\0TFL3\x14\0\x20\0"), /is a TensorFlow Lite model/, /\.h5/],
  ["MATLAB", bytes("MATLAB 5.0 MAT-file, Platform: GLNXA64"), /is a MATLAB file/, /\.h5/],
  ["a language model", bytes("GGUF\x03\0\0\0"), /language model/, /\.h5/],
  ["a picture", bytes("\xff\xd8\xff\xe0\0\x10JFIF"), /is a picture/, /Pictures go to impasto stylize/],
  ["an index of shards", bytes('{\n  "metadata": {"total_size": 1}'), /is a JSON file/, /Download/],
  ["a text", bytes("Access denied. Please sign in."), /is a text file/, /Download/],
];

describe("EXPECTED FAILURE - a file that is no network", () => {
  for (const [name, content, what, remedy] of KINDS) {
    test(`${name} is named for import and for --network`, async () => {
      const path = join(folder, "vgg.safetensors");
      writeFileSync(path, content);
      for (const attempt of [() => importNetwork(path), () => locateNetwork(path, "fine", { allowPath: true })]) {
        const error = await errorOf(attempt());
        expect([error.code, error.message, error.hint]).toEqual([
          "bad-network",
          expect.stringMatching(what),
          expect.stringMatching(remedy),
        ]);
        expect(error.message).toMatch(/^vgg\.safetensors is /);
      }
    });
  }

  test("under a name without a folder it is not taken for a network's name", async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      writeFileSync("vgg19.pth", zip("archive/data.pkl"));
      const error = await errorOf(locateNetwork("vgg19.pth", "fine", { allowPath: true }));
      expect(error.message).toMatch(/^vgg19\.pth is PyTorch's/);
      expect((await errorOf(locateNetwork("none.pth", "fine", { allowPath: true }))).code).toBe("network-unknown");
    } finally {
      process.chdir(before);
    }
  });

  test("in a form that import takes: --network says how to bring it in", async () => {
    const path = join(folder, "keras.h5");
    await writeKerasFile(path, randomKerasLayers(THIN_WIDTHS.slice(0, 13), 3));
    const error = await errorOf(locateNetwork(path, "fine", { allowPath: true }));
    expect([error.message, error.hint]).toEqual([
      expect.stringMatching(/^keras\.h5 is a network in another form/),
      `Bring it in first: impasto networks import ${path}`,
    ]);
  });
});

test("a network of Impasto's own form is taken from its file", async () => {
  const path = embeddedNetworks()[0]?.path ?? "";
  expect(await locateNetwork(path, "fine", { allowPath: true })).toEqual({ name: path, path });
});

test("EXPECTED FAILURE - a folder and a pipe are no network, and nobody waits for a pipe's writer", async () => {
  expect((await errorOf(importNetwork(folder))).message).toMatch(/is a folder, not a file\.$/);
  if (process.platform === "win32") return;
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  expect((await errorOf(importNetwork(pipe))).message).toMatch(/is not an ordinary file\.$/);
});

test("EXPECTED FAILURE - a damaged file is called by its own name", async () => {
  const path = join(folder, "damaged.safetensors");
  writeFileSync(
    path,
    Buffer.concat([Buffer.from([40, 0, 0, 0, 0, 0, 0, 0]), bytes('{"conv1_1.weight":{"dtype":"F32"}}')]),
  );
  expect((await errorOf(importNetwork(path))).message).toMatch(/^damaged\.safetensors cannot be used: /);
});
