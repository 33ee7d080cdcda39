// What is taken of a stored value.

import { describe, expect, test } from "vitest";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { createPreferences, mergePreferences } from "../../../ui/state/preferences.ts";

describe("preferences", () => {
  test("defaults stand in for what is missing", () => {
    expect(mergePreferences(undefined).settings).toEqual(DEFAULT_SETTINGS);
    expect(mergePreferences({ settings: { strength: 71 } }).settings).toEqual({ ...DEFAULT_SETTINGS, strength: 71 });
  });
  test("one field that is wrong or unknown loses that field alone", () => {
    const stored = { settings: { strength: 400, quality: "fine", gone: 1 }, lastStyleId: 3, engine: "elsewhere" };
    expect(mergePreferences(stored)).toEqual({
      settings: { ...DEFAULT_SETTINGS, quality: "fine" },
      keepText: true,
      live: true,
      onCanvas: false,
      lastStyleId: null,
      lastStyleKey: null,
      engine: "auto",
    });
  });
  test("what was set is there after the next load", async () => {
    const stored = new Map<string, unknown>();
    const host = {
      load: async (key: string) => stored.get(key),
      save: async (key: string, value: unknown) => void stored.set(key, value),
    };
    const first = createPreferences(host);
    first.setSettings({ strength: 12 });
    await first.flush();
    const second = createPreferences(host);
    await second.load();
    expect(second.value.value.settings.strength).toBe(12);
  });
  test("a host whose storage fails still starts", async () => {
    const host = { load: () => Promise.reject(new Error("no")), save: () => Promise.reject(new Error("no")) };
    const preferences = createPreferences(host);
    await preferences.load();
    preferences.setSettings({ strength: 12 });
    await preferences.flush();
    expect(preferences.value.value.settings.strength).toBe(12);
  });
});
