// Downloads a whole file into a part file and resumes it after broken connections, also in a later run.

import { ImpastoError } from "../protocol/errors.ts";
import { megabytes } from "./disk.ts";
import { type Opened, openUrl, type Transport } from "./http.ts";
import type { Meter } from "./meter.ts";
import { PartFile } from "./part-file.ts";
import { type Retrying, retry, TransientError } from "./patience.ts";

export interface DownloadRequest {
  url: string;
  /** The part file; complete when this resolves. */
  partPath: string;
  transport: Transport;
  meter: Meter;
  onRetry?: ((retrying: Retrying) => void) | undefined;
}

export interface FileRequest extends DownloadRequest {
  /** Refused at once when the server announces another length. */
  expectedBytes?: number | undefined;
}

/** No source of a network is nearly this long. */
export const MAX_BYTES = 2e9;

/** Throws ImpastoError: download-failed, hash-mismatch (wrong length), disk-full, file-not-writable, cancelled. */
export async function downloadFile(request: FileRequest): Promise<void> {
  const part = await PartFile.open(request.partPath);
  try {
    const { transport, onRetry } = request;
    const hooks = { signal: transport.signal, onRetry };
    await retry(
      () => attempt(request, part),
      () => part.size,
      transport.patience,
      hooks,
    );
  } finally {
    await part.close();
  }
}

async function attempt({ url, expectedBytes, transport, meter }: FileRequest, part: PartFile): Promise<void> {
  const known = part.identity;
  const sameFile = known !== null && known.url === url && known.selection === "whole";
  if (sameFile && known.totalBytes !== null && part.size === known.totalBytes) return;
  const resumes = sameFile && known.validator !== null && part.size > 0;
  const opened = resumes
    ? await openUrl(url, transport, { begin: part.size }, known.validator).catch((error: unknown) =>
        forget(error, part, url),
      )
    : await openUrl(url, transport);
  const { totalBytes, validator } = opened;
  if (expectedBytes !== undefined && totalBytes !== null && totalBytes !== expectedBytes) {
    throw new ImpastoError(
      "hash-mismatch",
      `${url} has ${megabytes(totalBytes)}, where ${megabytes(expectedBytes)} are expected.`,
      {
        hint: "The file there is not the published one. Try again later, or give another address with --from.",
      },
    );
  }
  if (continues(opened, part)) meter(part.size, totalBytes);
  else if (opened.kind === "range") throw new TransientError("the server sent another range than was asked for");
  else await part.restart({ url, validator, selection: "whole", totalBytes });
  for await (const chunk of opened.body) {
    await part.append(chunk);
    if (part.size > MAX_BYTES) throw new ImpastoError("download-failed", `${url} is far too long for a network.`);
    meter(part.size, totalBytes);
  }
  if (totalBytes !== null && part.size < totalBytes) throw new TransientError("the connection broke");
}

function continues({ kind, begin, totalBytes }: Opened, part: PartFile): boolean {
  return kind === "range" && begin === part.size && totalBytes === part.identity?.totalBytes;
}

/** A server that refuses the range (416) has another file now: the next attempt begins anew. */
async function forget(error: unknown, part: PartFile, url: string): Promise<never> {
  if (error instanceof TransientError && / 416\b/.test(error.message)) {
    await part.restart({ url, validator: null, selection: "whole", totalBytes: null });
  }
  throw error;
}
