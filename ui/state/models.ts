// Networks of others that are styles themselves: brought in as a file through the companion, chosen, given what they take
// beside the picture, removed.

import { computed, signal } from "@preact/signals-core";
import { type ErrorBody, ImpastoError } from "../../companion/protocol/errors.ts";
import type { Control, Model } from "../../companion/protocol/models.ts";
import { toPlainName } from "../../companion/protocol/schemas.ts";
import { SETTINGS, type Settings } from "../../companion/protocol/settings.ts";
import type { ModelShelf } from "../engines/style-engine.ts";
import type { PreferenceStore } from "./preferences.ts";
import { toErrorBody } from "./to-error-body.ts";

const MAX_NAME_LENGTH = 64;

export interface ModelsParts {
  preferences: PreferenceStore;
  /** Null while there is no companion. */
  shelf(): ModelShelf | null;
}

export type ModelsState = ReturnType<typeof createModels>;

export function createModels({ preferences, shelf }: ModelsParts) {
  const isOpen = signal(false);
  const list = signal<readonly Model[]>([]);
  /** On its way in; `sent`: of the file, 0 … 1; at 1 it is being tried. */
  const adding = signal<{ name: string; sent: number } | null>(null);
  /** Came in just now: what was found out about it has not been looked at yet. */
  const found = signal<Model | null>(null);
  const error = signal<ErrorBody | null>(null);
  let abort: AbortController | null = null;

  function requireShelf(): ModelShelf {
    const there = shelf();
    if (there !== null) return there;
    throw new ImpastoError("companion-unreachable", "Models are kept and run by the companion.", { hint: "Start it." });
  }

  async function load(): Promise<void> {
    const there = shelf();
    if (there !== null) list.value = await there.list().catch(() => list.value);
  }

  async function add(file: File): Promise<void> {
    if (adding.value !== null) return;
    const mine = new AbortController();
    abort = mine;
    const { name } = file;
    error.value = null;
    found.value = null;
    adding.value = { name, sent: 0 };
    try {
      const listeners = {
        signal: mine.signal,
        onSent: (sent: number) => {
          if (!mine.signal.aborted) adding.value = { name, sent };
        },
      };
      found.value = await requireShelf().add(file, freeName(name, list.value), listeners);
      await load();
    } catch (cause) {
      error.value = mine.signal.aborted ? null : toErrorBody(cause);
    } finally {
      adding.value = null;
      abort = null;
    }
  }

  async function remove(name: string): Promise<void> {
    error.value = null;
    try {
      await requireShelf().remove(name);
      if (found.value?.name === name) found.value = null;
      if (preferences.value.value.settings.model === name) choose(null);
      await load();
    } catch (cause) {
      error.value = toErrorBody(cause);
    }
  }

  function choose(name: string | null): void {
    const { settings } = preferences.value.value;
    preferences.setSettings({ ...(name === null ? {} : forModels(settings)), model: name, modelInput: null });
  }

  return {
    isOpen,
    list,
    adding,
    found,
    error,
    /** The one that paints; null: none is chosen, or it is not there. */
    chosen: computed(() => list.value.find(({ name }) => name === preferences.value.value.settings.model) ?? null),

    open(): void {
      error.value = null;
      isOpen.value = true;
      void load();
    },
    close(): void {
      isOpen.value = false;
      found.value = null;
    },
    load,
    add,
    cancel: () => abort?.abort(),
    remove,
    choose,

    /** What it is given beside the picture. */
    setInput({ tensor }: Control, value: number | readonly number[]): void {
      const { modelInput } = preferences.value.value.settings;
      preferences.setSettings({ modelInput: { ...modelInput, [tensor]: value } });
    },
  };
}

/** What a model has no use for goes back to what it is where nobody touched it. */
function forModels({ colors }: Settings): Partial<Settings> {
  return {
    budget: SETTINGS.budget.default,
    init: SETTINGS.init.default,
    seamless: SETTINGS.seamless.default,
    photoreal: SETTINGS.photoreal.default,
    detail: SETTINGS.detail.default,
    colors: colors.startsWith("keep-") ? "keep" : colors,
  };
}

/** The file's own name as a plain one; with a number where there is one of that name. */
export function freeName(file: string, taken: readonly Pick<Model, "name">[]): string {
  const plain = toPlainName(file.replace(/\.[^.]*$/, "")).slice(0, MAX_NAME_LENGTH) || "model";
  const isTaken = (name: string) => taken.some((model) => model.name === name);
  let name = plain;
  for (let number = 2; isTaken(name); number++) {
    const ending = `-${number}`;
    name = plain.slice(0, MAX_NAME_LENGTH - ending.length) + ending;
  }
  return name;
}

/** Shares of a control's labels as they are now. */
export function sharesOf(control: Control & { kind: "weights" }, value: number | readonly number[] | undefined) {
  const { labels } = control;
  if (typeof value === "object") return labels.map((_, i) => value[i] ?? 0);
  return labels.map((_, i) => (i === (value ?? 0) ? 1 : 0));
}
