// The keys of a companion that runs in a terminal, and the one question that it asks there, once.

import { existsSync } from "node:fs";
import { ImpastoError } from "../protocol/errors.ts";
import type { CompanionServer } from "../server/server.ts";
import { replaceFile } from "../storage/replace-file.ts";
import { openBrowser } from "./open-browser.ts";
import type { Terminal } from "./terminal.ts";

const CTRL_C = "\u0003";

export interface KeyParts {
  server: CompanionServer;
  terminal: Terminal;
  /** Leads the browser to the page. */
  redirectFile: string;
  /** Stands there once the question was asked. */
  askedFile: string;
  atLogin: { isOff(): boolean; install(): void };
  stop(): void;
}

/** Answers keys until stop; `asks` puts the question whether Impasto should start at login, unless it was put before. */
export function answerKeys(parts: KeyParts, asks: boolean): (key: string) => void {
  const { server, terminal, redirectFile, atLogin, stop } = parts;
  let asking = asks && ask(parts);
  terminal.note("Keys: p pair a panel · o open the page · q quit");
  return (key) => {
    if (key === "q" || key === CTRL_C) stop();
    if (key === "o") {
      const page = server.pageAddress();
      terminal.note(page);
      openBrowser(page, redirectFile);
    }
    if (key === "p") telling(terminal, () => void server.window.open());
    if (asking && (key === "y" || key === "n")) {
      asking = false;
      telling(terminal, () => {
        if (key === "y") atLogin.install();
        terminal.note(
          key === "y"
            ? "Impasto starts by itself from your next login on. `impasto service remove` ends that."
            : "Impasto starts only when you start it.",
        );
      });
    }
  };
}

/** True when the question stands. Off is the default, also for who answers nothing. */
function ask({ terminal, askedFile, atLogin }: KeyParts): boolean {
  if (existsSync(askedFile) || !atLogin.isOff()) return false;
  try {
    replaceFile(askedFile, "Asked whether Impasto should start at login; it is asked once.\n");
  } catch {
    // A full disk: it would be asked again and again.
    return false;
  }
  terminal.note("Should Impasto start by itself whenever you log in? Press y for yes, n for no. This is asked once.");
  return true;
}

function telling(terminal: Terminal, act: () => void): void {
  try {
    act();
  } catch (error) {
    noteRefusal(terminal, error);
  }
}

/** One line of what was refused; anything else goes on. */
export function noteRefusal(terminal: Terminal, error: unknown): void {
  if (!(error instanceof ImpastoError)) throw error;
  terminal.note([error.message, error.hint].filter(Boolean).join(" "));
}
