// The networks in the repository are the ones their README speaks of, whole and with their origins stated.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { LAYERS } from "../../../companion/protocol/layers.ts";
import { readNetworkInfo } from "../../../native/binding/binding.ts";
import { readSafetensors } from "../support/safetensors.ts";

const FOLDER = new URL("../../../native/networks/", import.meta.url);
const README = readFileSync(new URL("README.md", FOLDER), "utf8");
const MAX_BYTES: Record<string, number> = { "vgg19-slim.safetensors": 3e6, "vgg19-half.safetensors": 11e6 };

const MAX_DETAILER_BYTES = 2e6;

const all = readdirSync(FOLDER).filter((name) => name.endsWith(".safetensors"));
const isDetailer = (name: string) => name.startsWith("detailer-");
const files = all.filter((name) => !isDetailer(name));
const sha256 = (name: string) =>
  createHash("sha256")
    .update(readFileSync(new URL(name, FOLDER)))
    .digest("hex");

test("the smallest network, which the panel carries, is there", () => {
  expect(files).toContain("vgg19-slim.safetensors");
});

describe.each(files)("%s", (name) => {
  const path = fileURLToPath(new URL(name, FOLDER));

  test("has the SHA-256 that the README states", () => {
    const line = README.split("\n").find((row) => row.startsWith(`| \`${name}\``));
    expect(line).toContain(sha256(name));
  });

  test("stays within its size, has all sixteen convolutions and says where it comes from", () => {
    expect(statSync(path).size).toBeLessThanOrEqual(MAX_BYTES[name] ?? 0);
    expect(readNetworkInfo(path).layers).toEqual([...LAYERS]);
    const { metadata } = readSafetensors(path);
    expect(metadata.source).toMatch(/Simonyan.*Collaborative Distillation/);
    expect(metadata.license).toMatch(/MIT.*CC BY 4\.0/);
    expect(metadata.pooling).toBe("avg");
  });
});

describe.each(all.filter(isDetailer))("%s", (name) => {
  test("has the SHA-256 that the README states, stays within its size, and belongs to a network that is here", () => {
    const path = fileURLToPath(new URL(name, FOLDER));
    const line = README.split("\n").find((row) => row.startsWith(`\`${name}\``));
    expect(line).toContain(sha256(name));
    expect(statSync(path).size).toBeLessThanOrEqual(MAX_DETAILER_BYTES);
    const { metadata } = readSafetensors(path);
    expect(metadata.kind).toBe("detailer");
    expect(files.map(sha256)).toContain(metadata.encoder);
  });
});
