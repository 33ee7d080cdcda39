// The pictures that the companion keeps, with what they were made from and how.

import type { Job } from "../../../companion/protocol/jobs.ts";
import type { Settings } from "../../../companion/protocol/settings.ts";
import { FROM_STYLE_ALONE } from "../../../companion/protocol/texture.ts";
import type { PastResult, ResultArchive } from "../style-engine.ts";
import type { CompanionHttp } from "./http.ts";

const PAGE = 24;

export function createArchive(http: () => CompanionHttp): ResultArchive {
  return {
    async list(before) {
      const query = { kept: "yes", limit: String(PAGE), ...(before !== undefined && { before }) };
      const { jobs } = await http().json("jobs", { query });
      return { results: jobs.flatMap(toPastResult), hasOlder: jobs.length === PAGE };
    },
    thumbnail: (id) => http().picture("jobThumbnail", { params: { id } }),
    picture: (id) => http().picture("jobResult", { params: { id } }),
  };
}

function toPastResult({ id, finishedAt, createdAt, request, settings, result }: Job): PastResult[] {
  if (result === null) return [];
  const { width, height } = result;
  const styles = request.styles.flatMap(({ picture }) => picture.name ?? []).join(", ");
  return [
    {
      id,
      at: finishedAt ?? createdAt,
      contentName: request.content.name ?? "Picture",
      styleName: styles || (settings.model ?? "Style"),
      styleHash: request.styles.length === 1 ? (request.styles[0]?.picture.sha256 ?? null) : null,
      width,
      height,
      settings: takeable(settings, request.initial !== undefined),
    },
  ];
}

/** What a person chose of them: not what did the work, nor what a run sets for itself. */
function takeable({ device, threads, memory, ...settings }: Settings, wentOn: boolean): Partial<Settings> {
  const isTexture = Object.entries(FROM_STYLE_ALONE).every(([name, value]) => settings[name as "init"] === value);
  if (isTexture) {
    const { styleScale, seed } = settings;
    return { styleScale, seed };
  }
  if (!wentOn) return settings;
  const { init, size, minScale, firstIterations, ...chosen } = settings;
  return chosen;
}
