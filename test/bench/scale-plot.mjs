// Draws what the simulation of many workers measured: docs/workers-scale.svg. Reads the line of JSON that
// test/companion/queue/scale.slow.test.ts prints, from whatever surrounds it.
// Usage: npm run -s test:slow -- test/companion/queue/scale.slow.test.ts | node test/bench/scale-plot.mjs docs/workers-scale.svg

import { writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";

const WIDTH = 720;
const PANEL = 150;
const MARGIN = { left: 56, right: 20, top: 34, bottom: 26 };
const TICKS = 4;

const [output] = process.argv.slice(2);
const [line] = /\{"workers".*\}/.exec(await text(process.stdin)) ?? [];
if (output === undefined || line === undefined) throw new Error("Expected a file, and a report on stdin.");
const { workers, frameMs, frames, samples } = JSON.parse(line);

/** Between one sample and the next. */
const steps = samples.map((sample, index) => {
  const { frames: from, seconds, cpuMs } = samples[index - 1] ?? { frames: 0, seconds: 0, cpuMs: 0 };
  const done = sample.frames - from;
  return {
    frames: sample.frames,
    cpuMs: (sample.cpuMs - cpuMs) / done,
    percent: (100 * done * frameMs) / 1000 / workers / (sample.seconds - seconds),
  };
});
const panels = [
  { title: "Of the workers' time, painting (%)", most: 100, lines: [["#0b6e4f", steps, "percent"]] },
  { title: "Companion's processor for each frame (ms)", lines: [["#b5179e", steps, "cpuMs"]] },
  {
    title: "Memory (MB): companion, and Redis below",
    lines: [
      ["#1d4ed8", samples, "residentMb"],
      ["#c2410c", samples, "redisMb"],
    ],
  },
];

function draw({ title, most, lines }, top) {
  const values = lines.flatMap(([, points, field]) => points.map((point) => point[field]));
  const step = niceStep((most ?? Math.max(...values)) / TICKS);
  const highest = Math.max(most ?? 0, step * Math.ceil(Math.max(...values) / step));
  const x = (count) => MARGIN.left + ((WIDTH - MARGIN.left - MARGIN.right) * count) / frames;
  const y = (value) => top + PANEL - MARGIN.bottom - ((PANEL - MARGIN.top - MARGIN.bottom) * value) / highest;
  const marks = [];
  for (let value = 0; value <= highest; value += step) {
    marks.push(
      `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/>`,
      `<text x="${MARGIN.left - 8}" y="${y(value) + 4}" text-anchor="end">${value}</text>`,
    );
  }
  for (let tick = 0; tick <= TICKS; tick++) {
    const count = (frames * tick) / TICKS;
    marks.push(
      `<text x="${x(count)}" y="${top + PANEL - 8}" text-anchor="middle">${count.toLocaleString("en")}</text>`,
    );
  }
  const curves = lines.map(([color, points, field]) => {
    const path = points.map((point) => `${x(point.frames).toFixed(1)},${y(point[field]).toFixed(1)}`).join(" ");
    return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>`;
  });
  return [`<text x="${MARGIN.left}" y="${top + 20}" font-weight="bold">${title}</text>`, ...marks, ...curves];
}

/** 1, 2 or 5 times a power of ten, and no less than asked. */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((times) => times * power).find((step) => step >= least);
}

const height = panels.length * PANEL + 24;
writeFileSync(
  output,
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...panels.flatMap((panel, index) => draw(panel, index * PANEL)),
    `<text x="${WIDTH / 2}" y="${height - 6}" text-anchor="middle">frames done, by ${workers} workers</text>`,
    "</svg>\n",
  ].join("\n"),
);
