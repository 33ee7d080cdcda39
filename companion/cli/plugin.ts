// impasto plugin: the Figma plugin as a zip, to be imported in Figma.

import type { Command } from "commander";
import { addExamples, addOutputFlags } from "./program.ts";
import { type OutputOptions, openTerminal } from "./terminal.ts";

export function addPlugin(program: Command): void {
  const command = program
    .command("plugin")
    .summary("save the Figma plugin as a zip")
    .description("Saves the Figma plugin as a zip: unpack it, then import its manifest.json in Figma's desktop app.")
    .option("-o, --out <file>", "the zip; by default impasto-plugin-VERSION.zip here");
  addExamples(addOutputFlags(command), ["impasto plugin", "impasto plugin -o plugin.zip", "impasto plugin --json"]);
  command.action(async (flags: OutputOptions & { out?: string }) => {
    const { pluginArchive } = await import("../plugin-archive.ts");
    const { writeFileWhole } = await import("../files.ts");
    const terminal = openTerminal(flags);
    const { name, bytes } = pluginArchive();
    const path = flags.out ?? name;
    await writeFileWhole(path, bytes);
    terminal.done(path);
    terminal.note(
      "Unpack it; in Figma: Plugins, Development, Import plugin from manifest…, and choose its manifest.json.",
    );
    terminal.json({ path, bytes: bytes.length });
  });
}
