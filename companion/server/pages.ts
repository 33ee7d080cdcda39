// The pages that the companion serves: its own at /, and the panel as Photopea shows it at /photopea/; and the files
// that go with them: the Figma plugin to download, Photopea's icon and description. They hold no secret; what they may do comes from the ticket in the address or from pairing.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { pluginArchive } from "../plugin-archive.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { PHOTOPEA_DESCRIPTION, PHOTOPEA_ICON, photopeaPlugin } from "../protocol/photopea.ts";
import { FIGMA_PLUGIN_PATH } from "../protocol/ports.ts";
import { wholePage } from "../whole-page.ts";
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

interface StaticFile {
  path: string;
  type: string;
  frameAncestors: string;
  read(distFolder: string, address: string): { bytes: Uint8Array; saveAs?: string };
}

const FILES: readonly StaticFile[] = [
  { path: FIGMA_PLUGIN_PATH, type: "application/zip", frameAncestors: "'none'", read: readPlugin },
  {
    path: `/photopea/${PHOTOPEA_ICON}`,
    type: "image/png",
    frameAncestors: PHOTOPEA,
    read: (dist) => {
      const path = join(dist, "photopea-icon.png");
      if (!existsSync(path)) throw notBuilt();
      return { bytes: readFileSync(path) };
    },
  },
  {
    path: `/photopea/${PHOTOPEA_DESCRIPTION}`,
    type: "application/json",
    frameAncestors: PHOTOPEA,
    read: (_, address) => ({ bytes: Buffer.from(JSON.stringify(photopeaPlugin(`${address}/photopea/`), null, 2)) }),
  },
];

function readPlugin(distFolder: string): { bytes: Uint8Array; saveAs: string } {
  const { name, bytes } = pluginArchive(distFolder);
  return { bytes, saveAs: name };
}

/** `address`: http://localhost:PORT, known once the server listens. */
export function addPages(app: FastifyInstance, distFolder: string, address: () => string): void {
  // Browsers ask for it by themselves; the pages have none.
  app.get("/favicon.ico", { config: { page: { frameAncestors: "'none'" } } }, (_request, reply) => {
    reply.code(204).send();
  });
  addFiles(app, distFolder, address);
  for (const { path, file, frameAncestors, instead } of PAGES) {
    const read = createPageReader(join(distFolder, file), frameAncestors, instead);
    app.get(path, { config: { page: { frameAncestors } } }, (_request, reply) => {
      const page = read();
      if (page === null) {
        throw notBuilt();
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

function addFiles(app: FastifyInstance, distFolder: string, address: () => string): void {
  for (const { path, type, frameAncestors, read } of FILES) {
    app.get(path, { config: { page: { frameAncestors } } }, (_request, reply) => {
      const { bytes, saveAs } = read(distFolder, address());
      reply
        .headers({
          ...(saveAs !== undefined && { "Content-Disposition": `attachment; filename="${saveAs}"` }),
          ...(frameAncestors !== "'none'" && FRAMEABLE),
        })
        .type(type)
        .send(bytes);
    });
  }
}

function notBuilt(): ImpastoError {
  return new ImpastoError("not-found", "This copy of Impasto has no panel for Photopea.", {
    hint: "Run `npm run build` first.",
  });
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
      const html = builtAt === 0 ? instead : wholePage(path);
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
