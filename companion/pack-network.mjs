// A network's file as the panel's pages hold it, and ui/hosts/embedded-parts.ts unpacks it: halves' high and low bytes
// apart, which deflate better so.

import { deflateRawSync } from "node:zlib";

export function packNetwork(bytes) {
  const half = Math.ceil(bytes.length / 2);
  const apart = Buffer.alloc(bytes.length);
  for (let at = 0; at < bytes.length; at++) apart[(at >> 1) + (at % 2) * half] = bytes[at];
  return deflateRawSync(apart, { level: 9 }).toString("base64");
}
