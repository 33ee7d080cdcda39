// Headers of every reply, and the names under which the companion may be addressed.

import { hostname, networkInterfaces } from "node:os";
import { NOTES_HEADER } from "../protocol/notes-header.ts";

const EVERY_REPLY = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-store",
};

/**
 * Of everything that is no page. Figma's panel has the origin "null", as any sandboxed frame has: being able to read
 * proves nothing and grants nothing, the token does. Never with credentials; there are no cookies.
 */
export const API_REPLY = {
  ...EVERY_REPLY,
  "Access-Control-Allow-Origin": "null",
  "Access-Control-Expose-Headers": `Impasto-Sequence, ${NOTES_HEADER}, Retry-After`,
  Vary: "Origin",
  "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "cross-origin",
};

export const PAGE_REPLY = {
  ...EVERY_REPLY,
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
};

export const PREFLIGHT_REPLY = {
  "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
  "Access-Control-Allow-Headers": "authorization, content-type, idempotency-key",
  "Access-Control-Max-Age": "600",
};

/** The Host headers that name this companion, whole and in lower case. */
export function ownHostHeaders(port: number, lanHost?: string): Set<string> {
  const names = ["localhost", "127.0.0.1", "[::1]"];
  if (lanHost !== undefined) {
    names.push(lanHost.includes(":") ? `[${lanHost}]` : lanHost.toLowerCase());
    const own = hostname().toLowerCase();
    names.push(own, `${own}.local`);
    for (const address of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
      if (address.family === "IPv4") names.push(address.address);
      else if (address.scopeid === 0) names.push(`[${address.address}]`);
    }
  }
  return new Set(names.map((name) => `${name}:${port}`));
}
