// Many large uploads at the same time, against the whole companion, and the most memory that it took for them.

import { request } from "node:http";
import { temporaryFolder } from "../support/job-service.ts";
import { noisePng, sha256 } from "../support/pictures.ts";
import { startWholeCompanion } from "./child-server-control.ts";

/** One panel may send four pictures at a time. */
const PANELS = 4;
const UPLOADS_OF_A_PANEL = 4;

interface Picture {
  bytes: Buffer;
  sha256: string;
}

export interface UploadReport {
  statuses: number[];
  beforeBytes: number;
  peakBytes: number;
  seconds: number;
}

/** Sixteen pictures of `bytes` each, twice: new ones, and the same ones again. */
export async function measureUploads(bytes: number): Promise<UploadReport> {
  const companion = await startWholeCompanion(temporaryFolder());
  const { rss: beforeBytes } = await companion.ask<{ rss: number }>({ type: "memory" });
  const sessions = await Promise.all(Array.from({ length: PANELS }, () => companion.ask<string>({ type: "pair" })));
  // Hashed before the first is sent: nobody sends while this process does.
  const pictures = Array.from({ length: PANELS * UPLOADS_OF_A_PANEL }, (_, index) => largePng(index, bytes));
  const startedAt = performance.now();
  const statuses: number[] = [];
  for (let round = 0; round < 2; round++) {
    const uploads = pictures.map((picture, index) => {
      return upload(companion.port, sessions[index % PANELS] ?? "", picture);
    });
    statuses.push(...(await Promise.all(uploads)));
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const { peak } = await companion.ask<{ peak: number }>({ type: "memory" });
  await companion.stop();
  return { statuses, beforeBytes, peakBytes: peak, seconds };
}

/** A small picture and what makes the file large behind it. */
function largePng(seed: number, length: number): Picture {
  const bytes = Buffer.alloc(length, seed);
  noisePng(seed + 1).copy(bytes);
  return { bytes, sha256: sha256(bytes) };
}

function upload(port: number, session: string, { bytes, sha256 }: Picture): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = request({
      port,
      host: "127.0.0.1",
      method: "PUT",
      path: `/v1/blobs/${sha256}`,
      headers: {
        Host: `localhost:${port}`,
        Authorization: `Bearer ${session}`,
        "Content-Type": "application/octet-stream",
        "Content-Length": bytes.length,
      },
    });
    sending.on("error", reject);
    sending.on("response", (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    sending.end(bytes);
  });
}
