// Why Figma refused a call, for a person.

/** Without the call's name ("in createImage: …"). */
export function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.replace(/^in \w+: /, "").replace(/\.?$/, ".");
}
