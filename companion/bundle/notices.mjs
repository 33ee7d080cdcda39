// `npm run notices`: docs/third-party-notices.md, what comes with Impasto and is not ours: packages at run time, packages inside
// the built pages and programs, Node in the bundles, networks, pictures. From the lock file and the installed
// packages; a test holds the file against what this makes.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";
import { NODE_VERSION } from "./platforms.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const TARGET = join(ROOT, "docs", "third-party-notices.md");

const INTRODUCTION = `# What comes with Impasto and is not ours

Made by \`npm run notices\`; do not edit. Impasto's own license is MIT (LICENSE).

## Networks and pictures

| what | by | license |
|---|---|---|
| vgg19-slim, vgg19-half (embedded) | this project; trained on the features of VGG19 (Karen Simonyan and Andrew Zisserman, 2014) and of Collaborative Distillation's encoder (Wang, Li, Wang, Hu, Yang, 2020) | ours MIT; teachers CC BY 4.0 and MIT, Copyright (c) 2020 Huan Wang |
| vgg19, vgg16 (fetched only on demand, not part of any download) | Karen Simonyan and Andrew Zisserman, 2014 | CC BY 4.0 |
| Tübingen, Neckarfront | Andreas Praefcke | CC BY 3.0 |
| The Starry Night, The Scream, The Shipwreck | Vincent van Gogh, Edvard Munch, J. M. W. Turner | public domain |

The bundles also hold Node.js ${NODE_VERSION}; its license and those of what it contains lie beside it in \`node/LICENSE\`.
ONNX Runtime's library contains other projects' code; its package names them nowhere, its repository does:
https://github.com/microsoft/onnxruntime/blob/main/ThirdPartyNotices.txt. sharp's libvips is LGPL-3.0-or-later, a library
of its own that may be replaced; its sources and those of what it contains: https://github.com/lovell/sharp-libvips. The same
holds for libheif-js, libheif and libde265 as WebAssembly (LGPL-3.0): https://github.com/catdad-experiments/libheif-js.
`;

/** The whole file's text. */
export function makeNotices() {
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages;
  const atRunTime = Object.keys(lock).filter((place) => place !== "" && !lock[place].dev);
  const inside = closureOf(bundledPackages(), lock).filter((place) => !atRunTime.includes(place));
  const everything = [...atRunTime, ...inside];
  return [
    INTRODUCTION,
    table("Packages at run time", atRunTime, lock),
    table("Packages inside the built pages and programs", inside, lock),
    "## Their licenses\n",
    ...licenseTexts(everything, lock),
  ].join("\n");
}

/** Development packages that sources of ours import: the build puts them into the pages. */
function bundledPackages() {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const sources = globSync(["ui/**/*.{ts,tsx,css}", "companion/**/*.ts"], { cwd: ROOT });
  const code = sources.map((path) => readFileSync(join(ROOT, path), "utf8")).join("\n");
  return Object.keys(devDependencies).filter((name) => new RegExp(`["']${name}(?:/[^"'\\n]*)?["']`).test(code));
}

function closureOf(names, lock) {
  const places = new Set();
  const visit = (name) => {
    const place = `node_modules/${name}`;
    if (places.has(place) || lock[place] === undefined || name.startsWith("@types/")) return;
    places.add(place);
    for (const next of Object.keys(lock[place].dependencies ?? {})) visit(next);
  };
  for (const name of names) visit(name);
  return [...places].sort();
}

const nameOf = (place) => place.replace(/^.*node_modules\//, "");

function table(title, places, lock) {
  const rows = places.map((place) => `| ${nameOf(place)} | ${lock[place].version} | ${lock[place].license ?? ""} |`);
  return `## ${title}\n\n| package | version | license |\n|---|---|---|\n${rows.join("\n")}\n`;
}

/** Each text once, with the packages that it covers. Those for other platforms are not installed and have the same. */
function licenseTexts(places, lock) {
  const covered = new Map();
  for (const place of places.filter((place) => !lock[place].optional)) {
    const folder = join(ROOT, place);
    const text = licenseOf(folder) ?? "This package carries no text of its license; the table names it.";
    covered.set(text, [...(covered.get(text) ?? []), nameOf(place)]);
  }
  return [...covered].map(([text, names]) => `### ${names.join(", ")}\n\n\`\`\`text\n${text}\n\`\`\`\n`);
}

function licenseOf(folder) {
  if (!existsSync(folder)) throw new Error(`${folder} is not installed: run \`npm ci\` first.`);
  const name = readdirSync(folder)
    .sort()
    .find((file) => /^(?:licen[cs]e|copying)(?:[.-]|$)/i.test(file));
  if (name === undefined) return null;
  const text = readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").replaceAll("```", "'''");
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .trim();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(TARGET, makeNotices());
