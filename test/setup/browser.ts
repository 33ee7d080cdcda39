// Starts the system's Chromium for tests. Software rendering (SwiftShader), nothing fetched in the background.

import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const CANDIDATES = [
  process.env.IMPASTO_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/microsoft-edge",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

const QUIET = [
  "--no-first-run",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** WebGL on the CPU, the same on every machine. */
export const SWIFTSHADER = [
  "--use-gl=angle",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  // Pages are drawn without it, which is quicker.
  "--disable-gpu-compositing",
];

/** WebGPU on the CPU beside it; a page must be a secure context to have it. */
export const SWIFTSHADER_WEBGPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** Throws with the one command to type when no Chromium, Chrome or Edge is installed. */
export function findBrowser(): string {
  const found = CANDIDATES.find((path) => path !== undefined && existsSync(path));
  if (found === undefined) {
    throw new Error("These tests need Chromium, Chrome or Edge. On Debian: sudo apt-get install -y chromium");
  }
  return found;
}

/** A headless browser with its own empty profile; the caller closes it. */
export function launchBrowser(extra: readonly string[] = []): Promise<Browser> {
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: findBrowser(), headless: true, args: [...QUIET, ...sandbox, ...extra] });
}
