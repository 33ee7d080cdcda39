// Opens the companion's page. Arguments of programs are visible to every user of the machine, so the address
// with its one-time ticket does not stand there: a file that only its owner can read leads to it.

import { spawn } from "node:child_process";
import { pathToFileURL } from "node:url";
import { replaceFile } from "../storage/replace-file.ts";

/** [sync] Best effort, also on a full disk; the address is printed as well. */
export function openBrowser(address: string, redirectFile: string): void {
  try {
    replaceFile(
      redirectFile,
      `<!doctype html><meta charset="utf-8"><title>Impasto</title><meta http-equiv="refresh" content="0; url=${address}">\n`,
    );
  } catch {
    return;
  }
  const file = pathToFileURL(redirectFile).href;
  const [program, ...args] = commandFor(file);
  const child = spawn(program, args, { stdio: "ignore", detached: true });
  child.on("error", () => undefined);
  child.unref();
}

/** False over ssh, in pipes and in continuous integration: nobody sits in front of a browser there. */
export function canOpenBrowser(environment: NodeJS.ProcessEnv = process.env): boolean {
  if (!process.stdout.isTTY || environment.CI || environment.SSH_CONNECTION) return false;
  if (process.platform !== "linux") return true;
  return Boolean(environment.DISPLAY || environment.WAYLAND_DISPLAY);
}

function commandFor(file: string): [string, ...string[]] {
  if (process.platform === "darwin") return ["open", file];
  if (process.platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler", file];
  return ["xdg-open", file];
}
