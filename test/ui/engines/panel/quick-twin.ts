// The same quick picture through both engines, with a detailer of random filters: the native one, and the panel's on
// TensorFlow.js for the CPU.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import type { StylizeRequest, StylizeResult } from "../../../../companion/protocol/engine.ts";
import { stylize } from "../../../../native/binding/binding.ts";
import { parseDetailer } from "../../../../ui/engines/panel/core/detailer.ts";
import { makeControl } from "../../../../ui/engines/panel/worker/control.ts";
import { QuickRun } from "../../../../ui/engines/panel/worker/quick-run.ts";
import type { RunReporter } from "../../../../ui/engines/panel/worker/run.ts";
import { makeDetailer, writeDetailer } from "../../../native/support/detailer.ts";
import { relativeError } from "../../../native/support/objective.ts";
import { NETWORK } from "../../../native/support/run.ts";
import { panelNetwork } from "./twin.ts";

const folder = mkdtempSync(join(tmpdir(), "impasto-quick-"));
afterAll(() => rmSync(folder, { recursive: true }));
const DETAILER = writeDetailer(join(folder, "detailer.safetensors"), makeDetailer());

const network = panelNetwork();
const widths = new Map(network.convolutions.map(({ layer, outChannels }) => [layer, outChannels]));
const networks = { network, detailer: parseDetailer(new Uint8Array(readFileSync(DETAILER)), widths) };

/**
 * The draft's few updates multiply what float32 rounds (twin.ts), and the detailer what it is given; a part that one
 * engine carries out otherwise moves the picture by percents.
 */
const TOLERANCE = 5e-3;

export function openQuickRun(
  request: StylizeRequest,
  reporter: Partial<RunReporter> = {},
  control = makeControl(),
): QuickRun {
  return new QuickRun(request, networks, control, { progress() {}, moved() {}, ...reporter });
}

/** Fails unless both paint the same and say the same about it; answers what the panel made. */
export async function expectQuickTwins(
  request: StylizeRequest,
  reporter: Partial<RunReporter> = {},
): Promise<StylizeResult> {
  const native = await stylize({
    ...request,
    settings: { ...request.settings, device: "cpu" },
    networkPath: NETWORK,
    painter: { networkPath: NETWORK, detailerPath: DETAILER },
  }).result;
  const own = await openQuickRun(request, reporter).run();
  expect(relativeError(own.picture.data, native.picture.data)).toBeLessThan(TOLERANCE);
  expect(own.notes).toEqual(native.notes);
  return own;
}
