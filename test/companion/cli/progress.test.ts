// Progress as it reaches a terminal, a log file, and nobody.

import { expect, test } from "vitest";
import { formatBytes, formatLoss, formatSeconds } from "../../../companion/cli/format.ts";
import { openProgressView } from "../../../companion/cli/progress.ts";
import type { Progress } from "../../../companion/protocol/progress.ts";

function progress(totalIteration: number, scaleIndex: number, secondsElapsed = totalIteration): Progress {
  return {
    phase: "optimize",
    fraction: totalIteration / 100,
    scale: 128 * (scaleIndex + 1),
    scaleIndex,
    scaleCount: 2,
    width: 128,
    height: 96,
    iteration: totalIteration % 50,
    iterations: 50,
    totalIteration,
    totalIterations: 100,
    losses: { content: 0, style: 0, tv: 0, total: 0.01234, contentLayers: {}, styleLayers: {} },
    secondsElapsed,
    secondsLeft: 80,
    device: "cpu",
  };
}

function output(isTTY: boolean, columns = 200) {
  const written: string[] = [];
  return { isTTY, columns, written, write: (text: string) => written.push(text) };
}

test("a terminal has one line that is drawn over, and none left at the end", () => {
  const terminal = output(true);
  const view = openProgressView(terminal, false);
  view.update(progress(0, 0));
  view.update(progress(46, 0));
  view.end();
  view.end();
  expect(terminal.written).toHaveLength(3);
  expect(terminal.written[1]).toBe("\r\x1b[K██████░░░░░░  46 %  128 px (1 of 2)  46/50  loss 0.0123  1 min 20 s left");
  expect(terminal.written[2]).toBe("\r\x1b[K");
  expect(terminal.written.join("")).not.toContain("\n");
});

test("the longest line fits 80 columns, and a narrower terminal cuts it", () => {
  const wide = output(true, 80);
  const longest = { ...progress(99, 1), scale: 8192, iteration: 500, iterations: 500, secondsLeft: 3599 };
  openProgressView(wide, false).update({ ...longest, losses: { ...longest.losses, total: 1.234e-6 } });
  expect(wide.written[0]).toMatch(/59 min 59 s left$/);
  const terminal = output(true, 40);
  openProgressView(terminal, false).update(progress(99, 1));
  expect([...(terminal.written[0] ?? "").replace("\r\x1b[K", "")]).toHaveLength(39);
});

test("elsewhere each scale has a plain line, a long one a line every half minute", () => {
  const log = output(false);
  const view = openProgressView(log, false);
  for (let i = 0; i < 100; i++) view.update(progress(i, i < 50 ? 0 : 1));
  expect(log.written).toHaveLength(4);
  expect(log.written.every((line) => line.endsWith("left\n") && !line.includes("\x1b"))).toBe(true);
});

test("quiet has nothing", () => {
  const terminal = output(true);
  const view = openProgressView(terminal, true);
  view.update(progress(1, 0));
  view.end();
  expect(terminal.written).toEqual([]);
});

test("numbers read well", () => {
  expect([0, 8.34, 59.6, 60, 3599, 3661, 36_000].map(formatSeconds)).toEqual([
    "0.0 s",
    "8.3 s",
    "1 min 00 s",
    "1 min 00 s",
    "59 min 59 s",
    "1 h 01 min",
    "10 h 00 min",
  ]);
  expect([1, 640_000, 2_500_000, 1.2e9].map(formatBytes)).toEqual(["1 kB", "640 kB", "2.5 MB", "1.2 GB"]);
  expect([0, 0.01234, 1.234e-6, 12_345].map(formatLoss)).toEqual(["0", "0.0123", "1.23e-6", "1.23e+4"]);
});

test("learning tells drafts while it prepares, then steps and how much of the style gap is left", () => {
  const log = output(false);
  const view = openProgressView(log, false);
  const losses = { content: 0, style: 0.1234, tv: 0, total: 0.1234, contentLayers: {}, styleLayers: {} };
  const preparing = { ...progress(3, 0), phase: "prepare", iteration: 3, iterations: 24, losses } as const;
  view.update(preparing);
  view.update({ ...preparing, phase: "learn", iteration: 7, secondsElapsed: 60 });
  expect(log.written).toEqual([
    "  3 %  draft 3 of 24  1 min 20 s left\n",
    "  3 %  7 steps  style gap 0.12  1 min 20 s left\n",
  ]);
});
