// impasto photopea: the address that opens Photopea with the panel as a plugin.

import type { Command } from "commander";
import { startCommand } from "../package-root.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { PORTS } from "../protocol/ports.ts";
import { photopeaLink } from "./photopea-link.ts";
import { addExamples, addOutputFlags } from "./program.ts";
import { type OutputOptions, openTerminal } from "./terminal.ts";

export function addPhotopea(program: Command): void {
  const command = program
    .command("photopea")
    .summary("print the address that opens Photopea with the panel")
    .description("Prints the address that opens Photopea with Impasto as a plugin, served by the companion.");
  command.option("--url <url>", "where the panel is served, instead of the companion");
  addOutputFlags(command);
  addExamples(command, [
    "impasto photopea",
    "impasto photopea --json",
    "impasto photopea --url https://example.org/photopea.html",
  ]);
  command.action(async (flags: OutputOptions & { url?: string }) => {
    const terminal = openTerminal(flags);
    if (flags.url !== undefined && !(URL.canParse(flags.url) && /^https?:/i.test(flags.url))) {
      throw new ImpastoError("bad-request", `${flags.url} is not the address of a page.`, {
        hint: "Give one like https://example.org/photopea.html.",
      });
    }
    const port = flags.url === undefined ? await companionPort() : null;
    if (flags.url === undefined && port === null) {
      terminal.note(`The companion is not running; start it with \`${startCommand()}\`, then open this address.`);
    }
    const url = photopeaLink(flags.url ?? `http://localhost:${port ?? PORTS[0]}/photopea/`);
    terminal.result(url);
    terminal.json({ url });
  });
}

async function companionPort(): Promise<number | null> {
  const { findCompanion } = await import("../client.ts");
  const { dataPaths, folders } = await import("../storage/data-folder.ts");
  return (await findCompanion(dataPaths(folders().data).runtimeFile))?.port ?? null;
}
