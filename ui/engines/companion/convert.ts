// A picture that the browser does not read goes to the companion and comes back as one that it does.

import type { NotedPicture } from "../../../companion/protocol/client.ts";
import type { SourceFile } from "../style-engine.ts";
import type { CompanionHttp } from "./http.ts";
import type { Uploads } from "./upload.ts";

/** The first one may wait for the engine to start; a large HEIC takes some seconds more. */
const TIMEOUT_MS = 90_000;

export async function convert(
  { http, uploads }: { http(): CompanionHttp; uploads: Uploads },
  file: SourceFile,
): Promise<NotedPicture> {
  return await uploads.resend(async () => {
    const body = await uploads.picture(http(), file);
    return await http().notedPicture("pictureConvert", { body, timeoutMs: TIMEOUT_MS });
  });
}
