// What the companion has learned: each a style to choose, several that were learned together a mix too, and files that more
// can be added to.

import { signal } from "@preact/signals-core";
import { MAX_LEARNED_STYLES } from "../../companion/protocol/learned-styles.ts";
import type { Learned, Learning } from "../../companion/protocol/learnings.ts";
import type { StyleSchool } from "../engines/style-engine.ts";
import type { SourcePicture } from "../host.ts";
import type { LearnedStyle } from "./other-styles.ts";

/** Each is a file of some 2 MB at most. */
const MOST_OFFERED = 8;

/** What the companion keeps of one learning. */
export interface LearnedFile {
  id: string;
  name: string;
  /** Of its picture, px. */
  width: number;
  height: number;
}

/** `school`: throws ImpastoError where there is none. */
export function createLearnedFiles(school: () => Promise<StyleSchool>) {
  /** What was learned before, newest first. */
  const learned = signal<readonly LearnedStyle[]>([]);
  /** That can be added to, newest first. */
  const files = signal<readonly LearnedFile[]>([]);
  /** The learned file that more are added to; null: a file of their own. */
  const into = signal<LearnedFile | null>(null);

  /** Each of several is a style by itself, and then all of them are one to be mixed. */
  async function fetch({ id, request, learned: facts }: Learning): Promise<LearnedStyle[]> {
    if (facts === null) return [];
    const { style, others = [] } = request;
    const names = [style, ...others].map(({ name = "" }) => name);
    const each = facts.styles?.map(({ name, width, height }, i) => ({ name, width, height, number: i + 1 }));
    const all = each ?? [{ name: names[0] ?? "", width: facts.width, height: facts.height, number: undefined }];
    const bytesOf = async (styleId: string, number?: number) =>
      learned.value.find((other) => other.id === styleId)?.picture.bytes ?? (await school()).result(id, number);
    const styles: LearnedStyle[] = [];
    for (const { name, width, height, number } of all) {
      const styleId = number === undefined ? id : `${id}/${number}`;
      const bytes = await bytesOf(styleId, number);
      styles.push({ from: "learned", id: styleId, picture: { bytes, name, width, height } });
    }
    if (each !== undefined && each.length > 1) {
      const members = each.map(({ name }) => name);
      const file = { ...fileOf(id, members, facts), bytes: await bytesOf(id) };
      styles.push({ from: "learned", id, picture: file, members });
    }
    return styles;
  }

  return {
    learned,
    files,
    into,

    /** The file that more are added to; null: none. */
    async readInto(): Promise<SourcePicture | null> {
      if (into.value === null) return null;
      const { id, name, width, height } = into.value;
      return { bytes: await (await school()).result(id), name, width, height };
    },

    /** The learned style, or the first of those that were learned together; null where nothing was. */
    async first(finished: Learning): Promise<LearnedStyle | null> {
      const { learned: facts, request } = finished;
      // What was in the file before comes first in it.
      const before = Math.max(0, (facts?.styles?.length ?? 1) - 1 - (request.others?.length ?? 0));
      return (await fetch(finished))[before] ?? null;
    },

    /** Newest first. */
    async load(all: readonly Learning[]): Promise<void> {
      const finished = all.filter(({ state }) => state === "finished").slice(0, MOST_OFFERED);
      files.value = finished.flatMap(({ id, request, learned: facts }) => {
        if (facts === null) return [];
        const names = facts.styles?.map(({ name }) => name) ?? [request.style.name ?? ""];
        return names.length < MAX_LEARNED_STYLES ? [fileOf(id, names, facts)] : [];
      });
      if (!files.value.some(({ id }) => id === into.value?.id)) into.value = null;
      const styles = await Promise.all(finished.map((one) => fetch(one).catch(() => [])));
      learned.value = styles.flat().slice(0, MOST_OFFERED);
    },
  };
}

function fileOf(id: string, names: readonly string[], { width, height }: Learned): LearnedFile {
  return { id, name: names.join(" + "), width, height };
}
