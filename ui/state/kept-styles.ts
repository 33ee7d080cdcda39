// Styles that one keeps with the settings that go with them: taken out as files to share, and brought in again.

import { ImpastoError } from "../../companion/protocol/errors.ts";
import { DEFAULT_SETTINGS, type SettingName, type Settings } from "../../companion/protocol/settings.ts";
import { STYLE_FILE_ENDING } from "../../companion/protocol/style-segments.ts";
import { plainFileName, saveFile } from "../files.ts";
import type { Host, SourcePicture } from "../host.ts";
import { decode, toBlob } from "../pictures.ts";
import type { Inputs } from "./inputs.ts";
import type { OtherStyle } from "./other-styles.ts";
import { isPicture } from "./painting.ts";
import type { PreferenceStore } from "./preferences.ts";
import type { StoredStyle, StoredStyles } from "./stored-styles.ts";
import { putStyleNote, takeStyleNote } from "./style-file.ts";
import { toErrorBody } from "./to-error-body.ts";
import { readSide } from "./work-parts.ts";

/** What belongs to a machine or to one picture, and to no style. */
const NOT_OF_A_STYLE: readonly SettingName[] = ["device", "threads", "memory", "size", "budget", "quality", "init"];

export interface KeptStylesParts {
  host: Host;
  inputs: Inputs;
  preferences: PreferenceStore;
  styles: StoredStyles;
}

export type KeptStyles = ReturnType<typeof createKeptStyles>;

export function createKeptStyles({ host, inputs, preferences, styles }: KeptStylesParts) {
  function say(cause: unknown): void {
    const { message, hint = "" } = toErrorBody(cause);
    host.notify(`${message} ${hint}`.trim(), { error: true });
  }

  /** A kept style brings its settings. */
  function use(style: OtherStyle): void {
    inputs.choose(style);
    const members = style.from === "learned" ? style.members : undefined;
    preferences.setSettings({ styleMix: members?.map(() => 1) ?? null });
    const stored = style.from === "stored" ? styles.list.value.find(({ key }) => key === style.key) : undefined;
    if (stored?.settings) preferences.setSettings(stored.settings);
  }

  async function bringIn(file: File): Promise<StoredStyle> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const note = takeStyleNote(bytes);
    const name = note?.name ?? file.name.replace(/\.[a-z0-9-]+$/i, "");
    const bitmap = await decode(bytes, file.name);
    const { width, height } = bitmap;
    bitmap.close();
    return styles.keep({ bytes, name, width, height }, note?.settings ?? null, {
      key: note?.key,
      whole: file.name.toLowerCase().endsWith(STYLE_FILE_ENDING),
    });
  }

  return {
    use,

    /** The present style, with the present settings. */
    async keepPresent(): Promise<void> {
      const style = inputs.style.value;
      if (style === null || !isPicture(style)) return;
      try {
        const { settings } = preferences.value.value;
        const picture = await style.read({ maxSide: readSide(settings) });
        await styles.keep(picture, settingsOfStyle(settings));
      } catch (cause) {
        say(cause);
      }
    },

    /** The last of them becomes the style. */
    async bringIn(files: readonly File[]): Promise<void> {
      for (const file of files) {
        try {
          const { key, name } = await bringIn(file);
          use({ from: "stored", key });
          host.notify(`“${name}” is among your styles.`);
        } catch (cause) {
          say(cause);
        }
      }
    },

    /** As one small file. */
    async save({ key, name, settings }: StoredStyle): Promise<void> {
      try {
        const picture: SourcePicture | null = await styles.read(key);
        if (picture === null) {
          throw new ImpastoError("not-found", `The style “${name}” is no longer stored.`);
        }
        const file = putStyleNote(picture.bytes, { key, name, settings: settings ?? {} });
        saveFile(toBlob(file), `${plainFileName(name)}${STYLE_FILE_ENDING}`);
      } catch (cause) {
        say(cause);
      }
    },
  };
}

/** Those that differ from the defaults. */
function settingsOfStyle(settings: Settings): Partial<Settings> {
  const names = Object.keys(settings) as SettingName[];
  const own = names.filter(
    (name) =>
      !NOT_OF_A_STYLE.includes(name) && JSON.stringify(settings[name]) !== JSON.stringify(DEFAULT_SETTINGS[name]),
  );
  return { strength: settings.strength, ...Object.fromEntries(own.map((name) => [name, settings[name]])) };
}
