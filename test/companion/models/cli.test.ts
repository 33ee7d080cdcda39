// impasto models, and stylize with one of them, as a person types them.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodePicture } from "../../../companion/pictures/decode.ts";
import { encodePicture } from "../../../companion/pictures/encode.ts";
import { runCli, runRefusal } from "../cli/run-cli.ts";
import { difference, type ModelHome, modelHome, picture } from "./support.ts";
import { negative } from "./write-onnx.ts";

let home: ModelHome;
let content: string;
beforeAll(async () => {
  home = modelHome();
  content = home.file("content.png", await encodePicture(picture(96, 72), "png"));
});
afterAll(() => home.remove());

const impasto = (...args: string[]) => runCli(args, { env: { IMPASTO_HOME: join(home.folder, "home") } });

test("a model comes in, is shown, paints, is repeated from its recipe, and goes", async () => {
  const file = home.file("Negative v1.onnx", negative(255));
  const unsure = await impasto("models", "import", file);
  expect(unsure.code).toBe(2);
  expect(unsure.stderr).toMatch(/picture in +x: nchw, rgb, 0 to 255 \(found by trying\)/);
  expect(unsure.stderr).toMatch(
    /nobody is there to ask\. Say what is known with --descriptor FILE, or take it .* --yes/,
  );
  expect((await impasto("models", "list")).stderr).toMatch(/There are none yet/);

  const descriptor = home.file("known.json", Buffer.from(JSON.stringify({ license: "CC0", source: "a test" })));
  const imported = await impasto("models", "import", file, "--yes", "--descriptor", descriptor, "--json");
  expect([imported.code, JSON.parse(imported.stdout).model.name]).toEqual([0, "negative-v1"]);
  expect((await impasto("models", "list")).stdout).toMatch(/^negative-v1 .* a style itself +CC0$/m);
  expect((await impasto("models", "show", "negative-v1")).stdout).toMatch(/license +CC0\nsource +a test/);

  const out = join(home.folder, "out.png");
  const again = join(home.folder, "again.png");
  const painted = await impasto("stylize", content, "--model", "negative-v1", "-o", out, "--model-tile", "48");
  expect([painted.code, painted.stdout]).toEqual([0, expect.stringMatching(/96 × 72 px, .* \d+ windows in /)]);
  const before = await decodePicture(readFileSync(content), "content");
  const after = await decodePicture(readFileSync(out), "out");
  // Half a step of 8 bits.
  expect(difference(after.picture, (pixel) => 1 - pixel, before.picture)).toBeLessThan(0.5 / 255);
  const repeated = await impasto("stylize", content, "--recipe", out, "-o", again);
  expect(repeated.stdout).toMatch(/the same, byte for byte/);

  expect((await impasto("models", "remove", "negative-v1")).code).toBe(0);
  const gone = await impasto("stylize", content, "--recipe", out, "-o", again);
  expect(gone.stderr).toMatch(/The model that the result was made with, negative-v1, is not here\. Name its file/);
  const given = await impasto("stylize", content, "--recipe", out, "-o", again, "--model", file);
  expect(given.stdout).toMatch(/the same, byte for byte/);
});

test("what cannot be is refused in one sentence", async () => {
  const out = join(home.folder, "refused.png");
  const env = { IMPASTO_HOME: join(home.folder, "home") };
  const cases: [string[], RegExp][] = [
    [
      ["stylize", content, "--model", "nowhere", "-o", out],
      /There is no model named "nowhere"\..* impasto models import FILE/,
    ],
    [["stylize", content, "--model", "../x", "-o", out], /There is no model named "\.\.\/x"/],
    [["stylize", content, "-o", out], /missing required argument 'style'/],
    [["stylize", content, "--model", "a", "--model-input", "style", "-o", out], /names with one number or several/],
    [["stylize", content, "--model", "a", "--budget", "5", "-o", out], /A model takes one pass, and no time budget/],
    [
      ["stylize", content, "--model", "a", "--colors", "keep-linear", "-o", out],
      /A model keeps colors by light and dark alone \(keep\)/,
    ],
    [["models", "show", "nowhere"], /There is no model named "nowhere"/],
    [["models", "remove", "nowhere"], /There is no model named "nowhere"/],
    [["models", "import", join(home.folder, "none.onnx")], /There is no file .*none\.onnx/],
    [["models", "import", content, "--yes"], /content\.png is a picture\. Networks come in as \.onnx files/],
    [["models", "import", content, "--descriptor", content], /content\.png is not valid JSON/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await runRefusal(args, { env });
    expect([args.join(" "), code, stderr]).toEqual([args.join(" "), 2, expect.stringMatching(message)]);
  }
});

test("a descriptor with a field that none has is refused by the field's name", async () => {
  const file = home.file("plain.onnx", negative(1));
  const descriptor = home.file("odd.json", Buffer.from('{"content": {"rnge": [0, 1]}}'));
  const { code, stderr } = await impasto("models", "import", file, "--descriptor", descriptor);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/odd\.json is no descriptor of a network: content\.rnge is no field of one\./),
  ]);
});
