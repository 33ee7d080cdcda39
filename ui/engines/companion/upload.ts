// Pictures on their way to the companion: named by their hash, sent once for each companion.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { JobRequest } from "../../../companion/protocol/jobs.ts";
import { MAX_BLOB_BYTES, MAX_NAME_LENGTH } from "../../../companion/protocol/limits.ts";
import { SENT_FILE } from "../../../companion/protocol/picture-kinds.ts";
import { mapPicturesInTurn } from "../../../companion/protocol/request.ts";
import type { PictureRef } from "../../../companion/protocol/request-schema.ts";
import type { SourcePicture } from "../../host.ts";
import type { EngineRequest, SourceFile } from "../style-engine.ts";
import type { CompanionHttp } from "./http.ts";

const UPLOAD_TIMEOUT_MS = 120_000;

export interface Uploads {
  picture(http: CompanionHttp, picture: SourceFile, signal?: AbortSignal): Promise<PictureRef>;
  /** Uploads what a request names, and words it for the wire. */
  request(http: CompanionHttp, request: EngineRequest, signal?: AbortSignal): Promise<JobRequest>;
  /** Once more from the start when the companion has lost a picture. */
  resend<T>(send: () => Promise<T>): Promise<T>;
  /** Uploads it and hands its words to `send`; once more from the start when the companion has lost a picture. */
  submit<T>(
    http: CompanionHttp,
    request: EngineRequest,
    send: (body: JobRequest) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>;
}

export function createUploads(): Uploads {
  /** `base hash` of what is there already. */
  const sent = new Set<string>();
  /** Hashing megabytes takes a while, and the same bytes come again with every change of a setting. */
  const hashes = new WeakMap<Uint8Array, string>();

  const uploads: Uploads = {
    async picture(http, { bytes, name }, signal) {
      if (bytes.length > MAX_BLOB_BYTES) {
        throw new ImpastoError("picture-too-large", `“${name}” is too large to send.`, {
          hint: "Use a layer with fewer pixels.",
        });
      }
      const hash = hashes.get(bytes) ?? bytesToHex(sha256(bytes));
      hashes.set(bytes, hash);
      const key = `${http.base} ${hash}`;
      if (!sent.has(key)) {
        const ask = { params: { sha256: hash }, body: bytes, timeoutMs: UPLOAD_TIMEOUT_MS };
        try {
          await http.send("blobPut", signal === undefined ? ask : { ...ask, signal });
        } catch (error) {
          throw withName(error, name);
        }
        sent.add(key);
      }
      return { sha256: hash, name: name.slice(0, MAX_NAME_LENGTH) };
    },

    request: (http, request, signal) =>
      mapPicturesInTurn(request, (picture: SourcePicture) => uploads.picture(http, picture, signal)),

    async resend(send) {
      try {
        return await send();
      } catch (cause) {
        // Pictures that nobody used for a while are swept from the companion's disk.
        if (!(cause instanceof ImpastoError) || cause.code !== "not-found") throw cause;
        sent.clear();
        return await send();
      }
    },

    submit: (http, request, send, signal) =>
      uploads.resend(async () => send(await uploads.request(http, request, signal))),
  };
  return uploads;
}

/** A refusal of the picture, with what the person calls it. */
function withName(error: unknown, name: string): unknown {
  if (!(error instanceof ImpastoError) || !error.message.startsWith(SENT_FILE)) return error;
  const { code, message, hint } = error;
  const named = `“${name}”${message.slice(SENT_FILE.length)}`;
  return new ImpastoError(code, named, { ...(hint !== undefined && { hint }), cause: error });
}
