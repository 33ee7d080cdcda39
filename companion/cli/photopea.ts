// impasto photopea: the address that opens Photopea with the panel as a plugin; or the files for a web host.

import type { Command } from "commander";
import { startCommand } from "../package-root.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { photopeaLink } from "../protocol/photopea.ts";
import { PORTS } from "../protocol/ports.ts";
import { addExamples, addOutputFlags } from "./program.ts";
import { type OutputOptions, openTerminal } from "./terminal.ts";

interface Flags extends OutputOptions {
  url?: string;
  save?: string;
}

export function addPhotopea(program: Command): void {
  const command = program
    .command("photopea")
    .summary("print the address that opens Photopea with the panel")
    .description("Prints the address that opens Photopea with Impasto as a plugin, served by the companion.");
  command.option("--url <url>", "where the panel is served, instead of the companion");
  command.option("--save <folder>", "also save the panel for a web host, as it should lie at --url");
  addOutputFlags(command);
  addExamples(command, [
    "impasto photopea",
    "impasto photopea --url https://example.org/photopea.html",
    "impasto photopea --url https://example.org/impasto/ --save site",
  ]);
  command.action(async (flags: Flags) => {
    const terminal = openTerminal(flags);
    const { url: given, save } = flags;
    if (given !== undefined && !(URL.canParse(given) && /^https?:/i.test(given))) {
      throw new ImpastoError("bad-request", `${given} is not the address of a page.`, {
        hint: "Give one like https://example.org/photopea.html.",
      });
    }
    if (save !== undefined) {
      if (given === undefined) {
        throw new ImpastoError("bad-request", "--save needs the address that the files will have.", {
          hint: "Give it with --url, like https://example.org/impasto/.",
        });
      }
      const { savePhotopeaSite } = await import("../photopea-site.ts");
      for (const path of await savePhotopeaSite(save, given)) terminal.note(path);
    }
    const port = given === undefined ? await companionPort() : null;
    if (given === undefined && port === null) {
      terminal.note(`The companion is not running; start it with \`${startCommand()}\`, then open this address.`);
    }
    const url = photopeaLink(given ?? `http://localhost:${port ?? PORTS[0]}/photopea/`);
    terminal.result(url);
    terminal.json({ url });
  });
}

async function companionPort(): Promise<number | null> {
  const { findCompanion } = await import("../client.ts");
  const { dataPaths, folders } = await import("../storage/data-folder.ts");
  return (await findCompanion(dataPaths(folders().data).runtimeFile))?.port ?? null;
}
