// The pictures that the companion keeps, with what they were made from and how. A batch is one of them, until it is looked
// into.

import type { Batch, BatchFrame } from "../../../companion/protocol/batches.ts";
import type { Job, JobRequest } from "../../../companion/protocol/jobs.ts";
import { SETTINGS, type Settings } from "../../../companion/protocol/settings.ts";
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
    async batch(id) {
      const batch = await http().json("batch", { params: { id } });
      return batch.frames.flatMap((frame) => toBatchResult(batch, frame));
    },
    thumbnail: (id) => http().picture("jobThumbnail", { params: { id } }),
    picture: (id) => http().picture("jobResult", { params: { id } }),
  };
}

function toPastResult({ id, finishedAt, createdAt, request, settings, result, batch }: Job): PastResult[] {
  if (result === null) return [];
  const { width, height } = result;
  return [
    {
      id,
      at: finishedAt ?? createdAt,
      contentName: request.content.name ?? "Picture",
      ...styleOf(request.styles, settings),
      width,
      height,
      settings: takeable(settings, request.initial !== undefined),
      ...(batch !== null && { batch: { id: batch.id, results: batch.done } }),
    },
  ];
}

function toBatchResult({ request, createdAt }: Batch, { job, content, result }: BatchFrame): PastResult[] {
  if (result === null) return [];
  const { width, height } = result;
  const { style, strength } = content;
  const settings = { ...request.settings, ...(strength !== undefined && { strength }) };
  return [
    {
      id: job,
      at: createdAt,
      contentName: content.name ?? "Picture",
      ...styleOf(style === undefined ? request.styles : request.styles.slice(style, style + 1), settings),
      width,
      height,
      settings: takeable(settings, false),
    },
  ];
}

function styleOf(styles: JobRequest["styles"], { model }: Partial<Settings>) {
  const names = styles.flatMap(({ picture }) => picture.name ?? []).join(", ");
  const [first] = styles;
  return {
    styleName: names || (model ?? "Style"),
    styleHash: styles.length === 1 && first !== undefined ? first.picture.sha256 : null,
  };
}

/** What a person chose of them: not what did the work, nor what a run sets for itself. */
function takeable({ device, threads, memory, ...settings }: Partial<Settings>, wentOn: boolean): Partial<Settings> {
  const isTexture = Object.entries(FROM_STYLE_ALONE).every(([name, value]) => settings[name as "init"] === value);
  if (isTexture) {
    const { styleScale = SETTINGS.styleScale.default, seed = SETTINGS.seed.default } = settings;
    return { styleScale, seed };
  }
  if (!wentOn) return settings;
  const { init, size, minScale, firstIterations, ...chosen } = settings;
  return chosen;
}
