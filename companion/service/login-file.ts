// Puts the file that starts Impasto at login in its place, takes it away, and says what stands there.

import { existsSync, lstatSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeError } from "../files.ts";
import { packageRoot } from "../package-root.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { makeFolderPath } from "../storage/make-folder.ts";
import { homeFolder } from "../storage/platform-folders.ts";
import { replaceFile } from "../storage/replace-file.ts";
import { type LoginEntry, type LoginFacts, loginEntry, staysInPlace } from "./start-at-login.ts";

/** off: nothing there; on: this copy; other: another copy, or an older way of starting this one. */
export type LoginState = "off" | "on" | "other";

/** [sync] What this machine and this copy of Impasto are. */
export function loginFacts(): LoginFacts {
  const home = homeFolder();
  if (home === null) {
    throw new ImpastoError("platform-unsupported", "This user has no home folder, so nothing starts at a login.");
  }
  return {
    platform: process.platform,
    home,
    environment: process.env,
    node: process.execPath,
    script: join(packageRoot(), "dist", "impasto.js"),
    systemd: existsSync("/run/systemd/system"),
  };
}

/** [sync] */
export function loginState(entry: LoginEntry): LoginState {
  const found = readText(entry.path);
  if (found === null) return "off";
  return found === entry.text && (entry.link === null || isThere(entry.link.path)) ? "on" : "other";
}

/** [sync] Whether starting at login can be offered: it is off, and this system has a place for it. */
export function isOffAtLogin(): boolean {
  try {
    const facts = loginFacts();
    return staysInPlace(facts.script) && loginState(loginEntry(facts)) === "off";
  } catch (error) {
    if (error instanceof ImpastoError) return false;
    throw error;
  }
}

/** [sync] Throws ImpastoError: "file-not-writable", or "bad-request" for a copy that will not stay where it is. */
export function installAtLogin(facts: LoginFacts): LoginEntry {
  if (!staysInPlace(facts.script)) {
    throw new ImpastoError("bad-request", "This Impasto runs from npm's temporary folder, which does not stay.", {
      hint: "Install the same package first: npm install --global FILE",
    });
  }
  const entry = loginEntry(facts);
  makeFolder(dirname(entry.path));
  replaceFile(entry.path, entry.text);
  if (entry.link !== null) {
    makeFolder(dirname(entry.link.path));
    if (!isThere(entry.link.path)) symlinkSync(entry.link.target, entry.link.path);
  }
  return entry;
}

/** [sync] False when nothing was there. */
export function removeAtLogin(entry: LoginEntry): boolean {
  const was = isThere(entry.path);
  try {
    if (entry.link !== null) rmSync(entry.link.path, { force: true });
    rmSync(entry.path, { force: true });
  } catch (cause) {
    throw writeError(entry.path, cause);
  }
  return was;
}

function makeFolder(path: string): void {
  try {
    makeFolderPath(path);
  } catch (cause) {
    throw writeError(path, cause);
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** Also of a link that leads nowhere. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
