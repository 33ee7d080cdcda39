// The engine reads the settings that the table has, and no others: what it reads is asked of its reads themselves.

import { describe, expect, test } from "vitest";
import { METHODS, SETTINGS, type SettingDescription } from "../../../companion/protocol/settings.ts";
import { resolveSettings } from "../../../companion/protocol/sizing.ts";
import { type AddonRequest, loadAddon } from "../../../native/binding/load.ts";
import { smallRequest } from "../support/run.ts";

function addonRequest(): AddonRequest {
  const { content, styles, settings, networkPath } = smallRequest();
  return {
    content,
    styles: styles.map(({ picture, weight }) => ({ picture, weight, layers: [], region: null, source: null })),
    protect: null,
    initial: null,
    settings: resolveSettings(settings, content),
    networkPath,
    draftNetworkPath: "",
    detailerPath: "",
    checkpoint: null,
    shot: null,
    trace: false,
    snapshotEvery: 0,
  };
}

const table: Record<string, SettingDescription> = SETTINGS;
const sorted = (names: Iterable<string>) => [...names].sort();
const nobody = { progress() {}, trace() {}, snapshot() {}, done() {}, failed() {} };

describe("what the addon reads", () => {
  const request = addonRequest();
  const read = loadAddon().fieldsRead(request);

  test("is every field of a request", () => {
    expect(sorted(Object.keys(read.request))).toEqual(sorted(Object.keys(request)));
  });

  test("is every resolved setting", () => {
    expect(sorted(Object.keys(read.settings))).toEqual(sorted(Object.keys(request.settings)));
  });

  test("has the table's choices, except what is decided before: device, quick pictures; and the methods", () => {
    const choices = Object.entries(table).flatMap(([name, description]) =>
      "choices" in description && name in request.settings ? [[name, sorted(description.choices)] as const] : [],
    );
    const expected = new Map(choices)
      .set("device", sorted(SETTINGS.device.choices.filter((kind) => kind !== "auto")))
      .set("method", sorted(METHODS))
      .set("init", sorted(SETTINGS.init.choices.filter((choice) => choice !== "quick")));
    const actual = Object.entries(read.settings).flatMap(([name, words]) => (words === null ? [] : [[name, words]]));
    expect(Object.fromEntries(actual)).toEqual(Object.fromEntries(expected));
  });
});

/** What no type checker would let through. */
const wrong = (value: unknown) => value as never;

test.each<[string, (request: AddonRequest) => AddonRequest, RegExp]>([
  [
    "an unknown setting",
    (request) => ({ ...request, settings: wrong({ ...request.settings, strength: 1, strenght: 2 }) }),
    /named strength, strenght in settings, which has averaging/,
  ],
  [
    "an unknown field of a request",
    (request) => wrong({ ...request, network: "vgg19" }),
    /named network in the request, which has checkpoint/,
  ],
  [
    "an unknown field of a style",
    (request) => ({ ...request, styles: request.styles.map((style) => wrong({ ...style, share: 1 })) }),
    /named share in styles\[0\]/,
  ],
  [
    "a seed that 32 bits cannot hold",
    (request) => ({ ...request, settings: { ...request.settings, seed: 2 ** 32 } }),
    /a whole number for seed but received 4294967296/,
  ],
  [
    "half a thread",
    (request) => ({ ...request, settings: { ...request.settings, threads: 0.5 } }),
    /a whole number for threads but received 0.5/,
  ],
  [
    "a number of iterations that is none",
    (request) => ({ ...request, settings: { ...request.settings, iterations: Number.NaN } }),
    /a whole number for iterations but received NaN/,
  ],
  [
    "a checkpoint of floats",
    (request) => ({ ...request, checkpoint: wrong(new Float32Array(4)) }),
    /a Uint8Array or null for checkpoint/,
  ],
])("BAD CALL - %s", (_, spoil, message) => {
  const call = () => loadAddon().start(spoil(addonRequest()), nobody);
  expect(call).toThrow(TypeError);
  expect(call).toThrow(message);
});

test("BAD CALL - an unknown setting of a running job", async () => {
  const request = addonRequest();
  await new Promise<void>((ended) => {
    const job = loadAddon().start(request, { ...nobody, done: () => ended(), failed: () => ended() });
    const update = () => job.update(wrong({ ...request.settings, strenght: 2 }));
    expect(update).toThrow(TypeError);
    expect(update).toThrow(/named strenght in settings/);
    job.cancel();
  });
});
