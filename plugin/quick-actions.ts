// Parameters in Figma's quick actions: a stored style by name, and a strength. What was chosen goes to the panel.

import { STORED_STYLES_KEY } from "../companion/protocol/host/messages.ts";
import { isRecord } from "../companion/protocol/parsing.ts";
import { SETTINGS } from "../companion/protocol/settings.ts";

interface Suggestion {
  name: string;
  /** Key of the stored style. */
  data: string;
  icon?: Uint8Array;
}

/** No stored style has such a key. */
const NO_STYLE: Suggestion = { name: "No style is stored yet: open the panel to paint with one", data: "none" };

const { min, max } = SETTINGS.strength;
const STRENGTH_RULE = `Strength is a number from ${min} to ${max}`;

/** Answers Figma while somebody types a parameter. */
export async function suggest({ key, query, result }: ParameterInputEvent): Promise<void> {
  if (key === "strength") {
    suggestStrength(query.trim(), result);
    return;
  }
  suggestStyle(query.trim(), await storedStyles(), result);
}

/** An empty list would say nothing: without a style there is one suggestion, which opens the panel as it is. */
function suggestStyle(query: string, styles: readonly Suggestion[], result: SuggestionResults): void {
  const fitting = styles.filter(({ name }) => name.toLowerCase().includes(query.toLowerCase()));
  if (styles.length === 0) result.setSuggestions([NO_STYLE]);
  else if (fitting.length === 0) result.setError(`No stored style is called “${query}”`);
  else result.setSuggestions(fitting);
}

/** What is typed comes first: a parameter that takes anything could not be refused. */
function suggestStrength(query: string, result: SuggestionResults): void {
  const typed = parseStrength(query);
  if (query !== "" && typed === null) {
    result.setError(STRENGTH_RULE);
    return;
  }
  const usual = ["25", "50", "75", "100"].filter((text) => text.startsWith(query));
  result.setSuggestions([...new Set([...(typed === null ? [] : [String(typed)]), ...usual])]);
}

/** What is valid among the chosen parameters, as text. */
export function chosenParameters(values: ParameterValues | undefined): Record<string, string> {
  const { style, strength } = values ?? {};
  const number = typeof strength === "string" ? parseStrength(strength) : null;
  return {
    ...(typeof style === "string" && style !== "" && style !== NO_STYLE.data && { style }),
    ...(number !== null && { strength: String(number) }),
  };
}

function parseStrength(text: string): number | null {
  const number = /^\s*\d+\s*%?\s*$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
  return number >= min && number <= max ? number : null;
}

async function storedStyles(): Promise<Suggestion[]> {
  const stored: unknown = await figma.clientStorage.getAsync(STORED_STYLES_KEY);
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((entry: unknown) => {
    if (!isRecord(entry)) return [];
    const { key, name, thumbnail } = entry;
    if (typeof key !== "string" || typeof name !== "string") return [];
    return [{ name, data: key, ...(thumbnail instanceof Uint8Array && { icon: thumbnail }) }];
  });
}
