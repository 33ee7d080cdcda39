// How each system starts a program when its user logs in: one file in a folder of the user's own, and on Linux a link to
// it. No program of the system needs to be called, so nothing changes until the next login.
// systemd.service(5), launchd.plist(5), and Windows' Startup folder.

import { posix, win32 } from "node:path";
import { ImpastoError } from "../protocol/errors.ts";

export interface LoginFacts {
  platform: NodeJS.Platform;
  home: string;
  environment: NodeJS.ProcessEnv;
  /** Node's own program. */
  node: string;
  /** dist/impasto.js */
  script: string;
  /** Linux: systemd looks after the user's session. */
  systemd: boolean;
}

export interface LoginEntry {
  path: string;
  text: string;
  /** Linux: what `systemctl --user enable` would make. */
  link: { path: string; target: string } | null;
}

const ARGUMENTS = ["serve", "--no-open"];

/** The file for this system. Throws ImpastoError("platform-unsupported") where there is no such place. */
export function loginEntry(facts: LoginFacts): LoginEntry {
  switch (facts.platform) {
    case "linux":
      return systemdUnit(facts);
    case "darwin":
      return launchAgent(facts);
    case "win32":
      return startupFile(facts);
    default:
      throw new ImpastoError("platform-unsupported", `Impasto knows no start at login on ${facts.platform}.`);
  }
}

/** What npx and pnpm dlx put down is deleted sooner or later. */
export function staysInPlace(script: string): boolean {
  return !/[\\/](?:_npx|dlx(?:-[^\\/]*)?)[\\/]/.test(script);
}

function systemdUnit({ home, environment, node, script, systemd }: LoginFacts): LoginEntry {
  if (!systemd) {
    throw new ImpastoError("platform-unsupported", "This Linux does not run systemd, which would start Impasto.", {
      hint: "Add `impasto serve --no-open` to what your desktop starts.",
    });
  }
  // A colon: no $VARIABLE is replaced. Per cent signs stand for specifiers and are doubled.
  const quoted = (word: string) => `"${word.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%")}"`;
  const command = [node, script].map(quoted).concat(ARGUMENTS).join(" ");
  const variables = environmentOf(environment).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}\n`);
  const folder = posix.join(environment.XDG_CONFIG_HOME || posix.join(home, ".config"), "systemd", "user");
  const text = `[Unit]
Description=Impasto, neural style transfer for Figma, Photopea and the browser

[Service]
ExecStart=:${command}
${variables.join("")}Restart=on-failure
RestartSec=10

[Install]
WantedBy=default.target
`;
  const path = posix.join(folder, "impasto.service");
  return { path, text, link: { path: posix.join(folder, "default.target.wants", "impasto.service"), target: path } };
}

function launchAgent({ home, environment, node, script }: LoginFacts): LoginEntry {
  const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const words = [node, script, ...ARGUMENTS].map((word) => `    <string>${escaped(word)}</string>\n`);
  const variables = environmentOf(environment).map(
    ([name, value]) => `    <key>${name}</key>\n    <string>${escaped(value)}</string>\n`,
  );
  const block =
    variables.length === 0 ? "" : `  <key>EnvironmentVariables</key>\n  <dict>\n${variables.join("")}  </dict>\n`;
  // Interactive: background jobs get less of the processor, and painting would take longer.
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>impasto.companion</string>
  <key>ProgramArguments</key>
  <array>
${words.join("")}  </array>
${block}  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ProcessType</key>
  <string>Interactive</string>
</dict>
</plist>
`;
  return { path: posix.join(home, "Library", "LaunchAgents", "impasto.companion.plist"), text, link: null };
}

function startupFile({ home, environment, node, script }: LoginFacts): LoginEntry {
  // A per cent sign would begin a variable.
  const literal = (word: string) => word.replaceAll("%", "%%");
  const variables = environmentOf(environment).map(([name, value]) => `set "${name}=${literal(value)}"\n`);
  const text = `@echo off
chcp 65001 >nul
${variables.join("")}start "Impasto" /min "${literal(node)}" "${literal(script)}" ${ARGUMENTS.join(" ")}
`;
  const roaming = environment.APPDATA || win32.join(home, "AppData", "Roaming");
  const path = win32.join(roaming, "Microsoft", "Windows", "Start Menu", "Programs", "Startup", "Impasto.cmd");
  return { path, text: text.replaceAll("\n", "\r\n"), link: null };
}

/** Where Impasto keeps its files must be the same for whoever starts it. */
function environmentOf(environment: NodeJS.ProcessEnv): [string, string][] {
  return ["IMPASTO_HOME", "IMPASTO_CACHE"].flatMap((name): [string, string][] => {
    const value = environment[name];
    return value === undefined || value === "" ? [] : [[name, value]];
  });
}
