// The latest learning, whatever became of it: asked for again and again while it goes on, with its preview.

import { signal, batch as together } from "@preact/signals-core";
import type { Learning } from "../../companion/protocol/learnings.ts";
import type { StyleSchool } from "../engines/style-engine.ts";
import { toErrorBody } from "./to-error-body.ts";

const LOOK_MS = 1_000;

/** `onFinished`: called once it has ended well while it was followed. */
export function createFollowedLearning(school: () => Promise<StyleSchool>, onFinished: (learning: Learning) => void) {
  /** Null: none was begun or found. */
  const learning = signal<Learning | null>(null);
  const preview = signal<Uint8Array | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Of the preview that is shown. */
  let shown = 0;

  function show(next: Learning): void {
    if (next.id !== learning.value?.id) {
      preview.value = null;
      shown = 0;
    }
    const before = learning.value?.state;
    learning.value = next;
    clearTimeout(timer);
    if (next.preview > shown) void fetchPreview(next);
    if (isGoingOn(next)) timer = setTimeout(() => void look(next.id), LOOK_MS);
    else if (next.state === "finished" && before !== undefined && before !== "finished") onFinished(next);
  }

  async function look(id: string): Promise<void> {
    try {
      const next = await (await school()).look(id);
      if (learning.value?.id === id) show(next);
    } catch (cause) {
      const body = toErrorBody(cause);
      if (learning.value?.id !== id) return;
      if (body.code === "not-found") forget();
      // The companion went away: it is found again, or asked once more.
      else timer = setTimeout(() => void look(id), LOOK_MS);
    }
  }

  async function fetchPreview({ id, preview: number }: Learning): Promise<void> {
    shown = number;
    const bytes = await school()
      .then((found) => found.preview(id))
      .catch(() => null);
    if (bytes !== null && learning.value?.id === id) preview.value = bytes;
  }

  function forget(): void {
    clearTimeout(timer);
    together(() => {
      learning.value = null;
      preview.value = null;
      shown = 0;
    });
  }

  return {
    learning,
    /** JPEG. */
    preview,
    show,
    forget,
    stop(): void {
      clearTimeout(timer);
    },
  };
}

export function isGoingOn({ state }: Learning): boolean {
  return state === "running" || state === "paused";
}
