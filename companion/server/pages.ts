// The pages that the companion serves: its own at /, and the panel as Photopea shows it at /photopea/.
// They hold no secret; what they may do comes from the ticket in the address or from pairing.

import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { ImpastoError } from "../protocol/errors.ts";
import { STATUS_PAGE } from "./status-page.ts";

const PHOTOPEA = "https://www.photopea.com";

/** What else keeps a page out of another site's frame. */
const FRAMEABLE = { "Cross-Origin-Opener-Policy": "unsafe-none", "Cross-Origin-Resource-Policy": "cross-origin" };

interface Page {
  path: string;
  file: string;
  frameAncestors: string;
  /** Served while the file has not been built. */
  instead?: string;
}

const PAGES: readonly Page[] = [
  { path: "/", file: "studio.html", frameAncestors: "'none'", instead: STATUS_PAGE },
  { path: "/photopea/", file: "photopea.html", frameAncestors: PHOTOPEA },
];

export function addPages(app: FastifyInstance, distFolder: string): void {
  // Browsers ask for it by themselves; the pages have none.
  app.get("/favicon.ico", { config: { page: { frameAncestors: "'none'" } } }, (_request, reply) => {
    reply.code(204).send();
  });
  for (const { path, file, frameAncestors, instead } of PAGES) {
    const read = createPageReader(join(distFolder, file), frameAncestors, instead);
    app.get(path, { config: { page: { frameAncestors } } }, (_request, reply) => {
      const page = read();
      if (page === null) {
        throw new ImpastoError("not-found", "This copy of Impasto has no panel for Photopea.", {
          hint: "Run `npm run build` first.",
        });
      }
      reply
        .headers({
          "Content-Security-Policy": page.policy,
          ...(frameAncestors !== "'none'" && FRAMEABLE),
        })
        .type("text/html; charset=utf-8")
        .send(page.html);
    });
  }
}

interface LoadedPage {
  html: string;
  policy: string;
}

/** Reads the page again when it was built anew; megabytes are hashed once. */
function createPageReader(path: string, frameAncestors: string, instead?: string): () => LoadedPage | null {
  let loadedAt: number | null = null;
  let page: LoadedPage | null = null;
  return () => {
    const builtAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (builtAt !== loadedAt) {
      const html = builtAt === 0 ? instead : readFileSync(path, "utf8");
      page = html === undefined ? null : { html, policy: contentSecurityPolicy(html, frameAncestors) };
      loadedAt = builtAt;
    }
    return page;
  };
}

/** Only the scripts that are in the page, by their hash; connections to this companion alone. */
function contentSecurityPolicy(html: string, frameAncestors: string): string {
  const hashes = [...html.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/gi)].map(
    ([, script = ""]) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${hashes.join(" ") || "'none'"} 'wasm-unsafe-eval'`,
    "worker-src blob: data:",
    "style-src 'unsafe-inline'",
    "img-src 'self' blob: data:",
    "font-src data:",
    "connect-src 'self' blob: data:",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${frameAncestors}`,
  ].join("; ");
}
