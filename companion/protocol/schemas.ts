// Building blocks that several schemas share. Everything that imports this pulls in the schema library,
// so the plugin's main thread imports these files for their types only.

import { type Static, Type } from "typebox";
import { ERROR_CODES } from "./errors.ts";
import { MAX_NAME_LENGTH } from "./limits.ts";
import { MAX_PALETTE } from "./palette.ts";
import {
  MAX_INPUT_NAME,
  MAX_INPUT_NUMBERS,
  MAX_INPUTS,
  SETTINGS,
  type SettingDescription,
  type SettingName,
  type Settings,
} from "./settings.ts";
import { MAX_TERMS_LENGTH } from "./terms.ts";

/** Unknown fields are refused everywhere: a typo must not pass as a default. */
export const CLOSED = { additionalProperties: false } as const;

export const Sha256Schema = Type.String({ pattern: "^[0-9a-f]{64}$", description: "SHA-256 of the bytes, hex." });
/** Of networks and models. */
/** "My VGG_19.v2" → "my-vgg-19-v2"; may be empty, or longer than a name can be. */
export function toPlainName(words: string): string {
  return words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

export const PLAIN_NAME_PATTERN = "^[a-z0-9][a-z0-9-]{0,63}$";
export const ID_PATTERN = "^[0-9a-f]{32}$";
export const IdSchema = Type.String({ pattern: ID_PATTERN, description: "128 random bits, hex." });
export const TimeSchema = Type.Integer({ minimum: 0, description: "Milliseconds since 1970." });
export const NameSchema = Type.String({ maxLength: MAX_NAME_LENGTH });

export const ErrorSchema = Type.Object(
  { code: Type.Enum(ERROR_CODES), message: Type.String(), hint: Type.Optional(Type.String()) },
  CLOSED,
);

const INPUT_VALUE = Type.Union([Type.Number(), Type.Array(Type.Number(), { maxItems: MAX_INPUT_NUMBERS })]);

/** Some settings, each checked by the settings table; parsePartialSettings words the refusal. */
export const PartialSettingsSchema = Type.Unsafe<Partial<Settings>>(settingsSchema(false));
/** Every setting with a value. */
export const SettingsSchema = Type.Unsafe<Settings>(settingsSchema(true));

function settingsSchema(complete: boolean) {
  const names = Object.keys(SETTINGS) as SettingName[];
  const properties = Object.fromEntries(
    names.map((name) => {
      const schema = settingSchema(SETTINGS[name]);
      return [name, complete ? schema : Type.Optional(schema)];
    }),
  );
  return Type.Object(properties, CLOSED);
}

function settingSchema(setting: SettingDescription) {
  const about = { title: setting.label, description: setting.help };
  const schema = (() => {
    switch (setting.kind) {
      case "choice":
        return Type.Enum([...setting.choices], about);
      case "terms":
        return Type.String({ ...about, minLength: 1, maxLength: MAX_TERMS_LENGTH });
      case "number":
        return Type.Number({ ...about, minimum: setting.min, maximum: setting.max });
      case "integer":
        return Type.Integer({ ...about, minimum: setting.min, maximum: setting.max });
      case "layers":
        return Type.Array(Type.String({ maxLength: 16 }), { ...about, minItems: 1, maxItems: 16, uniqueItems: true });
      case "numbers":
        return Type.Array(Type.Number({ minimum: setting.min, maximum: setting.max }), { ...about, maxItems: 16 });
      case "name":
        return Type.String({ ...about, minLength: 1, maxLength: 4096 });
      case "colors":
        return Type.Array(Type.String({ pattern: "^#[0-9a-fA-F]{6}$" }), {
          ...about,
          minItems: 1,
          maxItems: MAX_PALETTE,
        });
      case "inputs":
        return Type.Record(Type.String({ minLength: 1, maxLength: MAX_INPUT_NAME }), INPUT_VALUE, {
          ...about,
          maxProperties: MAX_INPUTS,
        });
    }
  })();
  return setting.default === null ? Type.Union([schema, Type.Null()]) : schema;
}

export type Sha256 = Static<typeof Sha256Schema>;
