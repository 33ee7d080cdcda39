// How long a quick picture takes where the engine already runs, as in the companion's child process: from the files to
// the PNG's last byte, to its draft, and from a moved strength to the next live picture. Prints a Markdown table.
//
// `cores` is processor time by time: how much of the machine was at work. On a machine that others use the seconds say
// nothing, processor seconds less. The first row's peak holds what the process is without any picture; a later peak is
// never below an earlier one, so that sides go up.

import { parseArgs } from "node:util";
import { encodePicture } from "../../companion/pictures/encode.ts";
import { readPictureFile } from "../../companion/pictures/files.ts";
import { liveSettings } from "../../companion/protocol/live.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../companion/protocol/settings.ts";
import { nativeEngine } from "../../companion/supervisor/native-engine.ts";

const SAMPLES = "companion/samples";
const { values: options } = parseArgs({
  options: {
    sides: { type: "string", default: "512,1024,2048,4096" },
    rounds: { type: "string", default: "3" },
    content: { type: "string", default: `${SAMPLES}/tubingen.jpg` },
    style: { type: "string", default: `${SAMPLES}/starry-night.jpg` },
  },
});
const rounds = Number(options.rounds);

interface Measured {
  draft: number;
  seconds: number;
  processor: number;
}

let styles = 0;

/** `isNewStyle`: the style's statistics are not there yet. */
async function paint(settings: Settings, isNewStyle: boolean): Promise<Measured> {
  const began = performance.now();
  const cpu = process.cpuUsage();
  const [content, style] = await Promise.all([readPictureFile(options.content), readPictureFile(options.style)]);
  if (isNewStyle) styles++;
  style.picture.data[0] = styles / 1000;
  let draft = Number.NaN;
  const { run } = await nativeEngine.start({
    request: { content: content.picture, styles: [{ picture: style.picture, weight: 1 }], settings },
    onProgress: ({ phase }) => {
      if (phase !== "draft" && Number.isNaN(draft)) draft = performance.now() - began;
    },
    signal: new AbortController().signal,
  });
  const { picture } = await run.result;
  await encodePicture(picture, "png", { inPassing: true });
  const { user, system } = process.cpuUsage(cpu);
  return { draft: draft / 1000, seconds: (performance.now() - began) / 1000, processor: (user + system) / 1e6 };
}

/** The round that took least: what comes on top is other programs'. */
async function best(what: string, isNewStyle: boolean, settings: (round: number) => Settings): Promise<void> {
  const measured: Measured[] = [];
  for (let round = 0; round < rounds; round++) measured.push(await paint(settings(round), isNewStyle));
  const [first] = measured.sort((a, b) => a.seconds - b.seconds) as [Measured];
  const peak = process.resourceUsage().maxRSS / 1024;
  const cells = [first.draft, first.seconds, first.processor, first.processor / first.seconds];
  console.log(`| ${what} | ${cells.map((value) => value.toFixed(2)).join(" | ")} | ${Math.round(peak)} |`);
}

const quick: Settings = { ...DEFAULT_SETTINGS, quality: "quick", device: "cpu" };
const { picture: content } = await readPictureFile(options.content);
console.log("| picture | draft, s | all, s | processor, s | cores | peak, MB |\n|---|---|---|---|---|---|");
await paint({ ...quick, size: 256 }, true); // what is loaded once
for (const size of [256, 512]) {
  const live = liveSettings({ ...quick, size }, content);
  await best(`strength moved, ${size} px`, false, (round) => ({ ...live, strength: 40 + 5 * round }));
}
for (const size of options.sides.split(",").map(Number)) await best(`${size} px`, true, () => ({ ...quick, size }));
