// A live picture from the companion: one question, one answer. Leaving the question gives the work up over there.

import { pngSize } from "../../pictures.ts";
import type { EngineRequest, LivePicture } from "../style-engine.ts";
import type { CompanionHttp } from "./http.ts";
import type { Uploads } from "./upload.ts";

/** The first one may wait for the engine to start. */
const TIMEOUT_MS = 30_000;

export async function fetchLive(
  { http, uploads }: { http(): CompanionHttp; uploads: Uploads },
  request: EngineRequest,
  signal: AbortSignal,
): Promise<LivePicture> {
  const ask = (body: object) => http().picture("live", { body, signal, timeoutMs: TIMEOUT_MS });
  const bytes = await uploads.submit(http(), request, ask, signal);
  return { bytes, ...pngSize(bytes) };
}
