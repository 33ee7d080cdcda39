// Text from elsewhere (names of files and layers, a network's license) on its way to a terminal, which would obey it:
// escape sequences move the cursor, rename the window and worse; marks of direction let one name look like another.

const CONTROLS = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;
const KEPT = new Set(["\n", "\t"]);

/** The same text with a replacement character for everything that a terminal would obey; lines and tabs stay. */
export function printable(text: string): string {
  return text.replace(CONTROLS, (mark) => (KEPT.has(mark) ? mark : "\ufffd"));
}

/** As printable, for what must not begin a line of its own. */
export function printableName(name: string): string {
  return name.replace(CONTROLS, "\ufffd");
}

/** JSON itself escapes the controls within ASCII only; the value is the same with the others escaped. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (mark) => {
    return `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
