// What a bundle for one platform leaves out of node_modules: the other platforms' libraries, and what only developers
// read. Licenses always stay.

import { partsOf } from "./platforms.mjs";

const LICENSES = /(?:^|\/)(?:licen[cs]e|copying|notice|third[-_]?party)[^/]*$/i;

const FOR_DEVELOPERS = [
  /\.map$/,
  /\.(?:ts|mts|cts|tsx)$/,
  /\.(?:md|markdown)$/i,
  /\.tsbuildinfo$/,
  // Of a package's own top, not of every folder of that name.
  /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@]+\/(?:tests?|docs?|examples?|benchmarks?|types|\.github)\//,
  // Sources that only a build would need.
  /\.(?:cc?|cpp|h|hpp|gypi?)$/,
];

/** Files of which we use others: HDF5 is read with the build for Node. */
const UNUSED = [
  /(?:^|\/)node_modules\/onnxruntime-node\/(?:lib|script)\//,
  // What its script, and the compiling of SQLite's addon, would take.
  /(?:^|\/)node_modules\/(?:adm-zip|global-agent|node-addon-api)\//,
  // Of its builds for each kind of program the one for Node.
  /(?:^|\/)node_modules\/onnxruntime-common\/(?:lib\/|dist\/(?!cjs\/))/,
  // A second copy of libonnxruntime.1.dylib under its full version.
  /\/libonnxruntime\.\d+\.\d+\.\d+\.dylib$/,
  // Node takes what these call "main", for CommonJS.
  /(?:^|\/)node_modules\/bullmq\/dist\/esm\//,
  /(?:^|\/)node_modules\/luxon\/(?:src|build\/(?!node\/))/,
  /(?:^|\/)node_modules\/msgpackr\/dist\/(?!node\.cjs)/,
  /(?:^|\/)node_modules\/h5wasm\/dist\/(?:esm|iife)\//,
  // The same decoder without WebAssembly, and with its WebAssembly in a file of its own.
  /(?:^|\/)node_modules\/libheif-js\/(?:libheif\/|libheif-wasm\/(?:libheif\.|libheif-bundle\.mjs))/,
];

/** The same lies in the folder that is started. */
const TWICE = /^docs\/third-party-notices\.md$/;

const FOREIGN = [/\/bin\/napi-v\d+\/([^/]+)\/([^/]+)\//, /\/prebuilds\/([a-z0-9]+)-([a-z0-9+]+)\//];

/** @param path relative to the bundle's app folder, with forward slashes */
export function isLeftOut(path, platform) {
  const { os, cpu } = partsOf(platform);
  const foreign = FOREIGN.some((pattern) => {
    const [, itsOs, itsCpu] = pattern.exec(`/${path}`) ?? [];
    return itsOs !== undefined && (itsOs !== os || itsCpu !== cpu);
  });
  if (foreign || /\.musl\.node$/.test(path) || TWICE.test(path)) return true;
  if (LICENSES.test(path)) return false;
  if (!/(?:^|\/)node_modules\//.test(path)) return /\.map$/.test(path);
  return [...FOR_DEVELOPERS, ...UNUSED].some((pattern) => pattern.test(path));
}
