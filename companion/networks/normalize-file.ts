// Normalizes a network file with the photos of a folder and writes the result.

import { readFile } from "node:fs/promises";
import { checkWritable, writeFileWhole } from "../files.ts";
import { locateNetwork } from "./locate.ts";
import { encodeNetworkFile, parseNetworkFile } from "./network-file.ts";
import { measureActivations, normalizeNetwork } from "./normalize.ts";
import { listPhotos, readPhotos } from "./photos.ts";

export interface NormalizeFileOptions {
  /** Folder of pictures. */
  photos: string;
  out: string;
  /** Replaces `out` also where it is protected. */
  force?: boolean;
  /** Long side to which photos are shrunk, px. */
  size: number;
  /** At most so many photos. */
  max: number;
  fp32?: boolean;
  signal?: AbortSignal;
  onPhoto?: (done: number, total: number) => void;
}

/** `network`: a name or a path. Throws ImpastoError: of the network, of the photos, disk-full, file-not-writable, cancelled. */
export async function normalizeFile(network: string, options: NormalizeFileOptions): Promise<{ photos: number }> {
  const replace = { force: options.force ?? false };
  await checkWritable(options.out, replace);
  const { path } = await locateNetwork(network, "fine", { allowPath: true });
  const source = parseNetworkFile(await readFile(path));
  const photos = await listPhotos(options.photos, options.max);
  const means = await measureActivations(source, readPhotos(photos, options.size), {
    signal: options.signal,
    onImage: (done) => options.onPhoto?.(done, photos.length),
  });
  const normalized = normalizeNetwork(source, means, photos.length);
  const precision = options.fp32 ? "fp32" : source.precision;
  await writeFileWhole(options.out, encodeNetworkFile({ ...normalized, precision }), replace);
  return { photos: photos.length };
}
