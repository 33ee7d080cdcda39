#!/usr/bin/env node
// The command `impasto`. In JavaScript that every Node reads, so that a Node too old or a clone that was not built is one
// sentence and no stack; all else is in dist/impasto.js.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const program = new URL("../dist/impasto.js", import.meta.url);

function needs() {
  const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const floor = engines.node.replace(">=", "");
  const [major, minor] = process.versions.node.split(".").map(Number);
  const [floorMajor, floorMinor] = floor.split(".").map(Number);
  if (major < floorMajor || (major === floorMajor && minor < floorMinor)) {
    return `Impasto needs Node ${floor} or later, and this is ${process.versions.node}. Get it at https://nodejs.org.`;
  }
  return existsSync(program) ? null : incomplete("is not built yet");
}

function incomplete(state) {
  return existsSync(join(root, "companion", "cli.ts"))
    ? `Impasto ${state}. Run \`npm ci && npm run build\` in ${root}.`
    : `Impasto's installation in ${root} is incomplete. Install it again.`;
}

function say(sentence) {
  console.error(`impasto: ${sentence}`);
  process.exitCode = 1;
}

const lacking = needs();
if (lacking !== null) {
  say(lacking);
} else {
  await import(program.href).catch((error) => {
    if (error.code === "EMFILE")
      return say("The system lets Impasto open no more files. Raise the limit: `ulimit -n 1024`.");
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    say(incomplete("misses packages that it needs"));
  });
}
