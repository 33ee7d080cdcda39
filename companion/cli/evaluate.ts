// impasto evaluate: the canonical losses of a picture, as JSON on stdout. Pixels as decoded, nothing resized.

import type { Command } from "commander";
import { SETTINGS, type Settings } from "../protocol/settings.ts";
import { requireOneStdin } from "../standard-streams.ts";
import { print } from "./output.ts";
import { addExamples } from "./program.ts";
import { addSettingFlag, settingsAmong } from "./setting-flags.ts";

interface Flags {
  content: string;
  style: string;
  image: string;
  network?: string;
  json?: boolean;
  verbose?: boolean;
}

export function addEvaluate(program: Command): void {
  const command = program
    .command("evaluate")
    .summary("print the canonical losses of a picture as JSON")
    .description(
      "Prints content, style and total-variation losses of IMAGE as JSON: raw Gram matrices, means, zero padding.",
    )
    .requiredOption("--content <file>", "the content picture, of the image's size")
    .requiredOption("--style <file>", "the style picture")
    .requiredOption("--image <file>", "the picture to judge; - is stdin");
  for (const name of ["network", "pooling", "styleLayers", "contentLayers", "threads"] as const) {
    addSettingFlag(command, name);
  }
  command
    .option("--json", "print it on one line, as the other commands do")
    .option("-v, --verbose", "print the technical side of errors");
  addExamples(command, [
    "impasto evaluate --content photo.png --style painting.jpg --image out.png",
    "impasto evaluate --content photo.png --style painting.jpg --image out.png --pooling max --style-layers relu1_1",
    "impasto evaluate --network vgg19.safetensors --content a.png --style b.png --image c.png | jq .style",
  ]);
  command.action(async (flags: Flags) => {
    const [{ evaluate }, { locateNetwork }, { readPictureFile }] = await Promise.all([
      import("../engine.ts"),
      import("../networks/locate.ts"),
      import("../pictures/files.ts"),
    ]);
    requireOneStdin([flags.content, flags.style, flags.image]);
    const given: Partial<Settings> = settingsAmong({ ...flags });
    const { path } = await locateNetwork(given.network ?? SETTINGS.network.default, SETTINGS.quality.default, {
      allowPath: true,
    });
    const read = async (file: string) => (await readPictureFile(file)).picture;
    const losses = await evaluate({
      content: await read(flags.content),
      style: await read(flags.style),
      image: await read(flags.image),
      networkPath: path,
      pooling: given.pooling ?? SETTINGS.pooling.default,
      styleLayers: given.styleLayers ?? SETTINGS.styleLayers.default,
      contentLayers: given.contentLayers ?? SETTINGS.contentLayers.default,
      threads: given.threads ?? null,
    });
    print(JSON.stringify(losses, null, flags.json ? 0 : 2));
  });
}
