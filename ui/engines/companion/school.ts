// Styles that the companion learns: begun with pictures, then looked at and fetched by their id.

import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { SourcePicture } from "../../host.ts";
import type { StyleSchool } from "../style-engine.ts";
import type { CompanionHttp } from "./http.ts";
import type { Uploads } from "./upload.ts";

interface SchoolContext {
  http(): CompanionHttp;
  uploads: Uploads;
}

export function createSchool({ http, uploads }: SchoolContext): StyleSchool {
  return {
    begin({ styles, own, into, frames, minutes, settings }, signal) {
      return uploads.resend(async () => {
        const send = (picture: SourcePicture) => uploads.picture(http(), picture, signal);
        const sendAll = async (pictures: readonly SourcePicture[]) => {
          const sent = [];
          for (const picture of pictures) sent.push(await send(picture));
          return sent;
        };
        const sentFrames = await sendAll(frames);
        const [style, ...others] = await sendAll(styles);
        if (style === undefined) throw new ImpastoError("bad-request", "There is no style to learn.");
        const body = {
          style,
          ...(others.length > 0 && { others }),
          ...(own !== null && { own }),
          ...(into !== null && { into: await send(into) }),
          ...{ frames: sentFrames, minutes, settings },
        };
        return await http().json("learningSubmit", { body, signal });
      });
    },
    list: async () => (await http().json("learnings")).learnings,
    look: (id) => http().json("learning", { params: { id } }),
    change: (id, body) => http().json("learningChange", { params: { id }, body }),
    remove: (id) => http().send("learningDelete", { params: { id } }),
    preview: (id) => http().picture("learningPreview", { params: { id } }),
    result: (id, style) =>
      http().picture("learningResult", {
        params: { id },
        ...(style !== undefined && { query: { style: String(style) } }),
      }),
  };
}
