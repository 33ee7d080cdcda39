// Pictures on their way in.

import { ImpastoError } from "../../protocol/errors.ts";
import type { ServerContext } from "../context.ts";
import type { Handlers } from "../handlers.ts";
import { contentLength } from "../request-fields.ts";

/** Uploads of one token at the same time. */
const MAX_UPLOADS = 4;

export function blobRoutes({ service }: ServerContext): Pick<Handlers, "blobPut" | "blobHead"> {
  const uploads = new Map<string, number>();

  return {
    async blobPut({ params, body, request, reply, holder }) {
      const who = holder?.id ?? "";
      const running = uploads.get(who) ?? 0;
      if (running >= MAX_UPLOADS) {
        body.destroy();
        throw new ImpastoError("busy", "Four uploads are under way already.", { hint: "Wait for one to end." });
      }
      uploads.set(who, running + 1);
      try {
        const blob = await service.putBlob(params.sha256, body, contentLength(request));
        reply.code(blob.created ? 201 : 200);
        return { sha256: blob.sha256, bytes: blob.bytes, created: blob.created };
      } finally {
        body.destroy();
        const left = (uploads.get(who) ?? 1) - 1;
        if (left > 0) uploads.set(who, left);
        else uploads.delete(who);
      }
    },

    blobHead({ params, reply }) {
      if (!service.hasBlob(params.sha256)) throw new ImpastoError("not-found", "This picture was not uploaded.");
      reply.code(200);
      return undefined;
    },
  };
}
