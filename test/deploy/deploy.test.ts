// What deploy/ promises, as far as it can be held without a machine to put it on: commands and flags that exist, images
// of Debian, a user of its own, units that systemd takes.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runCli } from "../companion/cli/run-cli.ts";
import { ROOT, read } from "../tree/source-files.ts";

const DOCKERFILE = read("deploy/Dockerfile");
const COMPOSE = read("deploy/compose.yaml");
const UNITS = readdirSync(join(ROOT, "deploy")).filter((name) => name.endsWith(".service"));

const folder = mkdtempSync(join(tmpdir(), "impasto-deploy-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Words after `impasto`, wherever deploy/ says how it is started. */
const COMMANDS: [string, string[]][] = [
  ...[...COMPOSE.matchAll(/^ {4}command: \[(.*)\]$/gm)].map(([, list = ""]): [string, string[]] => [
    "compose.yaml",
    list.split(", ").map((word) => word.replaceAll('"', "")),
  ]),
  ...[...DOCKERFILE.matchAll(/^CMD (\[.*\])$/gm)].map(([, list = ""]): [string, string[]] => [
    "Dockerfile",
    JSON.parse(list),
  ]),
  ...UNITS.map((name): [string, string[]] => {
    const [, line = ""] = /^ExecStart=\/usr\/local\/bin\/impasto (.*)$/m.exec(read(`deploy/${name}`)) ?? [];
    return [name, line.split(" ")];
  }),
];

describe("commands", () => {
  test("are all there", () => expect(COMMANDS.map(([, [command]]) => command).sort()).toHaveLength(5));

  test.each(COMMANDS)("%s: %j has flags that exist", async (_, [command = "", ...words]) => {
    const { code, stdout } = await runCli([command, "--help"]);
    expect(code).toBe(0);
    for (const flag of words.filter((word) => word.startsWith("--"))) {
      expect(stdout).toMatch(new RegExp(`(?:^|[\\s,])${flag}(?=[\\s,=]|$)`, "m"));
    }
  });

  test("read variables that the command line knows", async () => {
    const help = (await runCli(["worker", "--help"])).stdout;
    const named = [COMPOSE, ...UNITS.map((name) => read(`deploy/${name}`))].flatMap((text) => [
      ...text.matchAll(/\bIMPASTO_(?:QUEUE|COMPANION|WORKER_TOKEN)\b/g),
    ]);
    for (const variable of new Set(named.map(([name]) => name))) expect(help).toContain(variable);
  });
});

describe("the image", () => {
  test("is Debian's slim one for the processor where nothing else is asked for, and every variant of it runs as a user of its own", () => {
    const stages = DOCKERFILE.split(/^FROM /m).slice(1);
    const images = stages.map((stage) => stage.match(/^(\S+)(?: AS (\S+))?/)?.slice(1, 3));
    expect(images).toEqual([
      ["debian:trixie-slim", "build"],
      ["debian:trixie-slim", "cpu"],
      ["cpu", "webgpu"],
      ["debian:trixie-slim", "cuda-libraries"],
      ["cpu", "cuda"],
      ["cpu", undefined],
    ]);
    const usersOf = (stage = "") => [...stage.matchAll(/^USER (\S+)$/gm)].map(([, user]) => user);
    const [, cpu, webgpu, , cuda, last] = stages;
    expect(cpu).toMatch(/useradd .*impasto/);
    expect([cpu, webgpu, cuda, last].map(usersOf).map((users) => users.at(-1))).toEqual([
      ...["impasto", "impasto", "impasto"],
      undefined,
    ]);
  });

  test("is built without what was built here, and without secrets", () => {
    const left = read("deploy/Dockerfile.dockerignore").split("\n");
    for (const name of [".git", "node_modules", "build", "dist", "deploy/.env"]) expect(left).toContain(name);
    expect(read(".gitignore").split("\n")).toContain("deploy/.env");
  });
});

test("the composition holds no secret, and publishes the companion for its own machine alone", () => {
  expect(COMPOSE).toContain("${IMPASTO_REDIS_PASSWORD:?");
  expect(COMPOSE).not.toMatch(/imp_[0-9a-f]{16}/);
  const published = [...COMPOSE.matchAll(/^ {6}- (\S*47820:\S+)$/gm)].map(([, port]) => port);
  expect(published).toEqual(["127.0.0.1:47820:47820"]);
});

test("the composition is what compose takes", ({ skip }) => {
  const { status, stderr, error } = spawnSync("docker", ["compose", "-f", "deploy/compose.yaml", "config", "--quiet"], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, IMPASTO_REDIS_PASSWORD: "p" },
  });
  if (error !== undefined || /is not a docker command|unknown shorthand flag/.test(stderr)) {
    console.log("skipped: there is no docker compose here");
    skip();
  }
  expect([status, stderr]).toEqual([0, ""]);
});

test("systemd has nothing to say about the units", ({ skip }) => {
  const { error } = spawnSync("systemd-analyze", ["--version"]);
  if (error !== undefined) {
    console.log("skipped: there is no systemd-analyze here");
    skip();
  }
  for (const name of UNITS) {
    // It looks for the program where the unit says.
    const text = readFileSync(join(ROOT, "deploy", name), "utf8").replace("/usr/local/bin/impasto", process.execPath);
    writeFileSync(join(folder, name), text);
  }
  const paths = UNITS.map((name) => join(folder, name));
  const { status, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", ...paths], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  copyFileSync(paths[0] ?? "", join(folder, "broken.service"));
  writeFileSync(join(folder, "broken.service"), "[Service]\nExecStart=nowhere\n");
  expect(spawnSync("systemd-analyze", ["verify", join(folder, "broken.service")]).status).not.toBe(0);
});
