// The order of names: digits by their value ("Frame 2" before "Frame 10"), and the same whatever language the machine speaks.

const COLLATOR = new Intl.Collator("en", { numeric: true });

export function byName(one: { name: string }, other: { name: string }): number {
  return compareNames(one.name, other.name);
}

export function compareNames(one: string, other: string): number {
  return COLLATOR.compare(one, other);
}
