// What the tests need and npm does not bring: clang-format, a Chromium, the Vulkan loader (SwiftShader stands in for a
// GPU) and a Redis server.
// As root on Debian it is installed; elsewhere this stops with the one command to type.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

const CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const APP_BROWSERS = {
  darwin: ["/Applications/Google Chrome.app", "/Applications/Chromium.app"],
  win32: [process.env.PROGRAMFILES, process.env["PROGRAMFILES(X86)"], process.env.LOCALAPPDATA]
    .filter(Boolean)
    .map((folder) => join(folder, "Google", "Chrome", "Application", "chrome.exe")),
};

function onPath(name) {
  const extensions = process.platform === "win32" ? [".exe", ".cmd"] : [""];
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.some((folder) => extensions.some((extension) => existsSync(join(folder, name + extension))));
}

function hasVulkanLoader() {
  const folders = ["/usr/lib", "/usr/lib64", "/lib", "/usr/local/lib"].filter((folder) => existsSync(folder));
  const nested = folders.flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name.includes("-linux-"))
      .map((entry) => join(folder, entry.name)),
  );
  return [...folders, ...nested].some((folder) => existsSync(join(folder, "libvulkan.so.1")));
}

/** Debian's, macOS's and Windows' names of what is missing. */
function missingPackages() {
  const missing = [];
  if (!onPath("clang-format")) missing.push({ apt: "clang-format", brew: "clang-format", winget: "LLVM.LLVM" });
  const hasApp = (APP_BROWSERS[process.platform] ?? []).some((path) => existsSync(path));
  if (!hasApp && !CHROMIUM_NAMES.some(onPath)) {
    missing.push({ apt: "chromium", brew: "--cask google-chrome", winget: "Google.Chrome" });
  }
  if (process.platform === "linux" && !hasVulkanLoader()) missing.push({ apt: "libvulkan1" });
  // Windows has none of its own: the tests with a queue say that they are left out.
  const hasRedis = onPath("redis-server") || onPath("valkey-server") || process.platform === "win32";
  if (!hasRedis) missing.push({ apt: "redis-server", brew: "redis" });
  return missing;
}

function stop(command) {
  console.error(`The tests need programs that are not installed. Type this, then run the tests again:\n  ${command}`);
  process.exit(1);
}

const missing = missingPackages();
if (missing.length > 0) {
  const apt = `apt-get install -y --no-install-recommends ${missing.map((one) => one.apt).join(" ")}`;
  if (process.platform === "darwin") stop(missing.map((one) => `brew install ${one.brew}`).join(" && "));
  if (process.platform === "win32") stop(missing.map((one) => `winget install ${one.winget}`).join(" && "));
  if (!onPath("apt-get")) stop(`(your package manager) install ${missing.map((one) => one.apt).join(" ")}`);
  if (process.getuid() !== 0) stop(`sudo ${apt}`);
  console.log(`Installing for the tests: ${missing.map((one) => one.apt).join(", ")}`);
  const shell = `export DEBIAN_FRONTEND=noninteractive; apt-get update -qq && ${apt} -qq >/dev/null`;
  const { status } = spawnSync("sh", ["-c", shell], { stdio: "inherit" });
  if (status !== 0) stop(apt);
}
