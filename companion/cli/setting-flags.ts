// Every entry of the settings table as a flag: name, help, range and default are the table's.

import { type Command, Option } from "commander";
import { ImpastoError } from "../protocol/errors.ts";
import {
  parsePartialSettings,
  SETTING_NAMES,
  SETTINGS,
  type SettingDescription,
  type SettingName,
  type Settings,
} from "../protocol/settings.ts";
import { SETTING_GROUPS } from "./setting-groups.ts";

function flagOf(name: SettingName): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** What one would type: "--strength 60". */
export function flagsOf(settings: Partial<Settings>): string[] {
  return Object.entries(settings).map(([name, value]) => `${flagOf(name as SettingName)} ${[value].flat().join(",")}`);
}

/** One flag; most commands want them all. */
export function addSettingFlag(command: Command, name: SettingName): Command {
  const description = SETTINGS[name];
  const flags = `${flagOf(name)} <${placeholder(name, description)}>`;
  const option = new Option(flags, helpOf(description));
  return command.addOption(option.argParser((text, before: unknown) => parseFlag(name, text, before)));
}

export function addSettingFlags(command: Command): Command {
  for (const [title, names] of Object.entries(SETTING_GROUPS)) {
    command.optionsGroup(title);
    for (const name of names) addSettingFlag(command, name);
  }
  return command;
}

/** The settings among a command's parsed options; none of the others. */
export function settingsAmong(options: Record<string, unknown>): Partial<Settings> {
  const given = SETTING_NAMES.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]);
  return parsePartialSettings(Object.fromEntries(given));
}

/** @throws ImpastoError("bad-setting") that names the flag, what was expected and what came */
function parseFlag(name: SettingName, text: string, before: unknown): unknown {
  try {
    return parsePartialSettings({ [name]: toValue(SETTINGS[name], text, before) })[name];
  } catch (error) {
    if (!(error instanceof ImpastoError)) throw error;
    const hint = `${SETTINGS[name].label}: ${SETTINGS[name].help}`;
    throw withFlagNames(new ImpastoError(error.code, error.message, { hint, cause: error }));
  }
}

/** An engine's error in the words of the command line: "for styleLayerWeights" → "for --style-layer-weights". */
export function withFlagNames(error: unknown): unknown {
  if (!(error instanceof ImpastoError)) return error;
  const message = error.message.replace(/ for (\w+)/g, (text, name: string) => {
    const setting = SETTING_NAMES.find((known) => known === name);
    return setting === undefined ? text : ` for ${flagOf(setting)}`;
  });
  return new ImpastoError(error.code, message, { hint: error.hint, cause: error.cause ?? error });
}

/** `before`: what the same flag said before, where it may be given more than once. */
function toValue(description: SettingDescription, text: string, before: unknown): unknown {
  switch (description.kind) {
    case "number":
    case "integer":
      return toNumber(text);
    case "layers":
    case "colors":
      return text.split(",").map((part) => part.trim());
    case "numbers":
      return text.split(",").map(toNumber);
    case "inputs": {
      const [, name = "", value = ""] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
      const numbers = value.split(",").map(toNumber);
      const known = typeof before === "object" && before !== null ? before : {};
      return name === "" ? text : { ...known, [name.trim()]: numbers.length === 1 ? numbers[0] : numbers };
    }
    case "choice":
    case "terms":
    case "name":
      return text;
  }
}

/** Only what is written as a number; the rest stays text, which the table's check then names. */
export function toNumber(text: string): number | string {
  const trimmed = text.trim();
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : trimmed;
}

function placeholder(name: SettingName, description: SettingDescription): string {
  switch (description.kind) {
    case "choice":
      return description.choices.join("|");
    case "terms":
      return "loss:weight,…";
    case "number":
    case "integer":
      return description.unit ?? "n";
    case "layers":
      return "layer,…";
    case "numbers":
      return "n,…";
    case "colors":
      return "#rrggbb,…";
    case "inputs":
      return "name=n,…";
    case "name":
      return name === "network" ? "name or file" : "name";
  }
}

function helpOf(description: SettingDescription): string {
  const facts: string[] = [];
  if (description.kind === "number" || description.kind === "integer" || description.kind === "numbers") {
    facts.push(`${description.min} to ${description.max}`);
  }
  if (description.kind === "terms") facts.push(description.choices.join(", "));
  if (description.default !== null) facts.push(`default ${[description.default].flat().join(",")}`);
  return facts.length === 0 ? description.help : `${description.help} (${facts.join("; ")})`;
}
