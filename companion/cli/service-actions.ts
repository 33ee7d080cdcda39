// What the commands of `impasto service` do.

import { installAtLogin, loginFacts, loginState, removeAtLogin } from "../service/login-file.ts";
import { loginEntry } from "../service/start-at-login.ts";
import { type OutputOptions, openTerminal } from "./terminal.ts";

export interface ServiceFlags extends OutputOptions {
  dryRun?: boolean;
}

export function install(flags: ServiceFlags): void {
  const terminal = openTerminal(flags);
  if (flags.dryRun) {
    const { path, text, link } = loginEntry(loginFacts());
    terminal.result(`Would write ${path}:`);
    terminal.result(text.trimEnd());
    if (link !== null) terminal.result(`Would link ${link.path} to it.`);
    terminal.json({ path, text, link });
    return;
  }
  const { path } = installAtLogin(loginFacts());
  terminal.done("Impasto starts by itself from your next login on.");
  terminal.detail(path);
  terminal.json({ startsAtLogin: true, path });
}

export function remove(flags: ServiceFlags): void {
  const terminal = openTerminal(flags);
  const entry = loginEntry(loginFacts());
  const was = removeAtLogin(entry);
  terminal.done(was ? "Impasto no longer starts by itself." : "Impasto did not start by itself.");
  terminal.json({ startsAtLogin: false, path: entry.path });
}

export function status(flags: ServiceFlags): void {
  const terminal = openTerminal(flags);
  const entry = loginEntry(loginFacts());
  const state = loginState(entry);
  const words = {
    off: "Impasto starts only when you start it.",
    on: "Impasto starts by itself when you log in.",
    other: "Another copy of Impasto starts when you log in; `impasto service install` makes it this one.",
  };
  terminal.result(words[state]);
  terminal.detail(entry.path);
  terminal.json({ state, path: entry.path });
}
