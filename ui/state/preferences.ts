// What the panel remembers between openings: versioned, checked when it is read, merged over the defaults.

import { signal } from "@preact/signals-core";
import { DEFAULT_SETTINGS, parsePartialSettings, type Settings } from "../../companion/protocol/settings.ts";
import type { Host } from "../host.ts";

/** A new version stands beside the old one, so that an older panel still finds its own. */
const KEY = "impasto.preferences.v1";
const SAVE_DELAY_MS = 400;

export interface Preferences {
  settings: Settings;
  lastStyleId: string | null;
  lastStyleKey: string | null;
  /** Text in a frame stays text, above the result. */
  keepText: boolean;
  /** The quick picture is shown without a click. */
  live: boolean;
  /** A picture in work stands in the document as well, where a host asks for it. */
  onCanvas: boolean;
  /** "panel": the companion is left alone until it is chosen again. */
  engine: "auto" | "panel";
}

const DEFAULTS: Preferences = {
  settings: DEFAULT_SETTINGS,
  lastStyleId: null,
  lastStyleKey: null,
  keepText: true,
  live: true,
  onCanvas: false,
  engine: "auto",
};

export type PreferenceStore = ReturnType<typeof createPreferences>;

export function createPreferences(host: Pick<Host, "load" | "save">) {
  const value = signal<Preferences>(DEFAULTS);
  let timer: ReturnType<typeof setTimeout> | undefined;

  function set(change: Partial<Preferences>): void {
    value.value = { ...value.value, ...change };
    clearTimeout(timer);
    timer = setTimeout(() => void flush(), SAVE_DELAY_MS);
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    await host.save(KEY, value.value).catch(() => undefined);
  }

  return {
    value,
    set,
    setSettings: (change: Partial<Settings>) => set({ settings: { ...value.value.settings, ...change } }),
    flush,
    async load(): Promise<void> {
      const stored = await host.load(KEY).catch(() => undefined);
      value.value = mergePreferences(stored);
    },
  };
}

/** Takes of a stored value what is still valid; each setting is checked alone, so that one bad field loses one field. */
export function mergePreferences(stored: unknown): Preferences {
  if (typeof stored !== "object" || stored === null) return DEFAULTS;
  const { settings, lastStyleId, lastStyleKey, keepText, live, onCanvas, engine } = stored as Record<string, unknown>;
  const kept: Partial<Settings> = {};
  for (const [name, setting] of Object.entries(typeof settings === "object" && settings !== null ? settings : {})) {
    try {
      Object.assign(kept, parsePartialSettings({ [name]: setting }));
    } catch {
      // A setting of another version: its default takes its place.
    }
  }
  return {
    settings: { ...DEFAULT_SETTINGS, ...kept },
    lastStyleId: typeof lastStyleId === "string" ? lastStyleId : null,
    lastStyleKey: typeof lastStyleKey === "string" ? lastStyleKey : null,
    keepText: keepText !== false,
    live: live !== false,
    onCanvas: onCanvas === true,
    engine: engine === "panel" ? "panel" : "auto",
  };
}
