// Styles that the companion learns: begun with pictures, then looked at and fetched by their id.

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
    begin({ style, frames, minutes, settings }, signal) {
      return uploads.resend(async () => {
        const send = (picture: SourcePicture) => uploads.picture(http(), picture, signal);
        const sent = [];
        for (const frame of frames) sent.push(await send(frame));
        const body = { style: await send(style), frames: sent, minutes, settings };
        return await http().json("learningSubmit", { body, signal });
      });
    },
    list: async () => (await http().json("learnings")).learnings,
    look: (id) => http().json("learning", { params: { id } }),
    change: (id, body) => http().json("learningChange", { params: { id }, body }),
    remove: (id) => http().send("learningDelete", { params: { id } }),
    preview: (id) => http().picture("learningPreview", { params: { id } }),
    result: (id) => http().picture("learningResult", { params: { id } }),
  };
}
