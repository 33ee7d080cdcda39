// A result of before in words: what it was painted with, and when.

import { SETTING_NAMES, SETTINGS, type SettingName, type Settings } from "../companion/protocol/settings.ts";
import type { PastResult } from "./engines/style-engine.ts";
import { TEXTS } from "./texts.ts";

/** They have words of their own, or none that a person would want here. */
const SAID: readonly SettingName[] = ["strength", "quality", "size", "styleScale", "colors", "device", "threads"];

/** What is as everywhere else goes without saying. */
export function settingsWords(settings: Partial<Settings>): string {
  const { strength, quality, size, styleScale, colors } = settings;
  const others = SETTING_NAMES.filter((name) => {
    const value = settings[name];
    const usual = JSON.stringify(value) === JSON.stringify(SETTINGS[name].default);
    return value !== undefined && !usual && !SAID.includes(name);
  });
  return [
    ...(strength === undefined ? [] : [`Strength ${strength}`]),
    ...(quality === undefined ? [] : [TEXTS.qualityChoices[quality].toLowerCase()]),
    ...(typeof size === "number" ? [`${size} px`] : []),
    ...(styleScale === undefined || styleScale === SETTINGS.styleScale.default ? [] : [`strokes ${styleScale}×`]),
    ...(colors === undefined || colors === SETTINGS.colors.default ? [] : ["my colors"]),
    ...others.map((name) => otherWords(name, settings[name])),
  ].join(", ");
}

/** A list says more than fits. */
function otherWords(name: SettingName, value: unknown): string {
  const label = SETTINGS[name].label;
  const small = /^[A-Z][a-z]/.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;
  return typeof value === "number" || typeof value === "string" ? `${small} ${value}` : small;
}

const TIME = new Intl.DateTimeFormat("en", { hour: "numeric", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en", { month: "short", day: "numeric" });
const YEAR = new Intl.DateTimeFormat("en", { month: "short", day: "numeric", year: "numeric" });

/** Of today the time, else the day. */
export function shortWhen(at: number, now = Date.now()): string {
  const [then, today] = [new Date(at), new Date(now)];
  if (then.toDateString() === today.toDateString()) return TIME.format(then);
  return (then.getFullYear() === today.getFullYear() ? DAY : YEAR).format(then);
}

export function whenWords(at: number, now = Date.now()): string {
  const day = shortWhen(at, now);
  const time = TIME.format(at);
  return day === time ? `Today, ${time}` : `${day}, ${time}`;
}

export function resultName({ contentName, styleName, batch }: PastResult): string {
  return `${batch === undefined ? contentName : TEXTS.batchResults(batch.results)} / ${styleName}`;
}
