// The files that start Impasto at login, each in its system's own form, with names that need care; and what
// `impasto service` does with them on this one.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { installAtLogin, loginState, removeAtLogin } from "../../../companion/service/login-file.ts";
import { type LoginFacts, loginEntry, staysInPlace } from "../../../companion/service/start-at-login.ts";
import { runCli } from "../cli/run-cli.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "impasto-login-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function facts(platform: NodeJS.Platform, more: Partial<LoginFacts> = {}): LoginFacts {
  const script = '/opt/100% $HOME & <Söhne> "A"/dist/impasto.js';
  return { platform, home, environment: {}, node: "/opt/Node 22/node", script, systemd: true, ...more };
}

const has = (program: string) => spawnSync(program, ["--version"]).error === undefined;

describe("systemd's unit", () => {
  test("starts this Node and this script, word for word", ({ skip }) => {
    if (!has("systemd-analyze")) skip("systemd-analyze is not installed");
    const node = join(home, "Node 22 100%", "node");
    mkdirSync(join(home, "Node 22 100%"));
    writeFileSync(node, "#!/bin/sh\n", { mode: 0o755 });
    const { text } = loginEntry(facts("linux", { node, environment: { IMPASTO_HOME: "/data/a b%" } }));
    const unit = join(home, "impasto.service");
    writeFileSync(unit, text);
    const environment = { ...process.env, XDG_RUNTIME_DIR: home };
    const { status, stderr } = spawnSync("systemd-analyze", ["--user", "verify", unit], {
      encoding: "utf8",
      env: environment,
    });
    expect(stderr.split("\n").filter((line) => line.includes("impasto.service"))).toEqual([]);
    expect(status).toBe(0);
    // Not even with the Node gone does it pass: verify looks at what is started.
    rmSync(node);
    const gone = spawnSync("systemd-analyze", ["--user", "verify", unit], { encoding: "utf8", env: environment });
    expect(gone.stderr).toContain("Node 22 100%/node is not executable");
  });

  test("doubles per cent signs, escapes quotes, and lets no variable be replaced", () => {
    const { text, link, path } = loginEntry(facts("linux", { environment: { XDG_CONFIG_HOME: "/config" } }));
    expect(text).toContain(
      'ExecStart=:"/opt/Node 22/node" "/opt/100%% $HOME & <Söhne> \\"A\\"/dist/impasto.js" serve --no-open\n',
    );
    expect(path).toBe("/config/systemd/user/impasto.service");
    expect(link).toEqual({ path: "/config/systemd/user/default.target.wants/impasto.service", target: path });
  });

  test("carries the folder that Impasto was told to use", () => {
    const { text } = loginEntry(facts("linux", { environment: { IMPASTO_HOME: "/data/a b%" } }));
    expect(text).toContain('Environment="IMPASTO_HOME=/data/a b%%"\n');
  });

  test("BAD CALL - is refused in one sentence where systemd does not run", () => {
    expect(() => loginEntry(facts("linux", { systemd: false }))).toThrow("This Linux does not run systemd");
  });
});

test("launchd's agent is a property list that names the program word for word", ({ skip }) => {
  const entry = loginEntry(facts("darwin", { environment: { IMPASTO_HOME: "/data/<a>" } }));
  expect(entry.path).toBe(join(home, "Library/LaunchAgents/impasto.companion.plist"));
  if (!has("python3")) skip("python3, which reads property lists, is not installed");
  const read = "import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))";
  const parsed = JSON.parse(execFileSync("python3", ["-c", read], { input: entry.text, encoding: "utf8" }));
  expect(parsed).toEqual({
    Label: "impasto.companion",
    ProgramArguments: ["/opt/Node 22/node", facts("darwin").script, "serve", "--no-open"],
    EnvironmentVariables: { IMPASTO_HOME: "/data/<a>" },
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    ProcessType: "Interactive",
  });
});

test("Windows' startup file is a script with its own line ends that reads any name", () => {
  const { path, text } = loginEntry(
    facts("win32", {
      home: "C:\\Users\\Jörg",
      node: "C:\\Programs (100%)\\node.exe",
      script: "C:\\Users\\Jörg\\Impasto\\dist\\impasto.js",
      environment: { IMPASTO_HOME: "D:\\im pasto" },
    }),
  );
  expect(path).toBe(
    "C:\\Users\\Jörg\\AppData\\Roaming\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\Impasto.cmd",
  );
  expect(text.split("\r\n")).toEqual([
    "@echo off",
    "chcp 65001 >nul",
    'set "IMPASTO_HOME=D:\\im pasto"',
    'start "Impasto" /min "C:\\Programs (100%%)\\node.exe" "C:\\Users\\Jörg\\Impasto\\dist\\impasto.js" serve --no-open',
    "",
  ]);
});

describe("the file on the disk", () => {
  test.each(["linux", "darwin"] as const)("is written, recognized and taken away again on %s", (platform) => {
    const entry = loginEntry(facts(platform));
    expect(loginState(entry)).toBe("off");
    installAtLogin(facts(platform));
    installAtLogin(facts(platform));
    expect(readFileSync(entry.path, "utf8")).toBe(entry.text);
    if (entry.link !== null) expect(readlinkSync(entry.link.path)).toBe(entry.path);
    expect(loginState(entry)).toBe("on");
    expect(loginState(loginEntry(facts(platform, { node: "/usr/bin/node" })))).toBe("other");
    expect(removeAtLogin(entry)).toBe(true);
    expect([entry.path, entry.link?.path].filter((path) => path !== undefined && existsSync(path))).toEqual([]);
    expect(removeAtLogin(entry)).toBe(false);
    expect(loginState(entry)).toBe("off");
  });

  test("a unit without its link counts as another one's, because it starts nothing", () => {
    const entry = installAtLogin(facts("linux"));
    rmSync(entry.link?.path ?? "");
    expect(loginState(entry)).toBe("other");
  });

  test("BAD CALL - a copy in npm's temporary folder is not started at login", () => {
    const script = "/srv/anna/.npm/_npx/0f3/node_modules/impasto/dist/impasto.js";
    expect(() => installAtLogin(facts("linux", { script }))).toThrow("runs from npm's temporary folder");
    expect(
      staysInPlace("C:\\Users\\a\\AppData\\Local\\pnpm-cache\\dlx-1b2\\node_modules\\impasto\\dist\\impasto.js"),
    ).toBe(false);
    expect(staysInPlace("/usr/lib/node_modules/impasto/dist/impasto.js")).toBe(true);
  });
});

test("`impasto service` installs, tells and removes, or says why it can not", async () => {
  const env = { HOME: home, USERPROFILE: home, APPDATA: join(home, "AppData"), XDG_CONFIG_HOME: join(home, "config") };
  const dry = await runCli(["service", "install", "--dry-run", "--json"], { env });
  if (process.platform === "linux" && !existsSync("/run/systemd/system")) {
    expect(dry).toMatchObject({ code: 1, stderr: expect.stringContaining("does not run systemd") });
    return;
  }
  const { path } = JSON.parse(dry.stdout) as { path: string };
  expect(path.startsWith(home)).toBe(true);
  expect(existsSync(path)).toBe(false);
  await runCli(["service", "install"], { env });
  expect((await runCli(["service", "status"], { env })).stdout).toContain("starts by itself when you log in");
  await runCli(["service", "remove"], { env });
  expect((await runCli(["service", "status"], { env })).stdout).toContain("starts only when you start it");
});
