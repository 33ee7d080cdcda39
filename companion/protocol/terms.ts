// Losses that may be summed, each with a weight: "w2", or "w2,gram-normalized:0.3". A setting of the kind `terms` is such a
// text; engines compute with the list.

export interface Term<Loss extends string = string> {
  loss: Loss;
  /** Share in the sum. */
  weight: number;
}

export const MAX_TERMS = 4;
export const MAX_TERMS_LENGTH = 200;

/** The sum, or in words what is wrong with it. */
export function readTerms<Loss extends string>(
  text: string,
  losses: readonly Loss[],
): readonly Term<Loss>[] | { wrong: string } {
  const terms: Term<Loss>[] = [];
  for (const part of text.split(",")) {
    const [name = "", weight = "1", ...rest] = part.split(":").map((piece) => piece.trim());
    const loss = losses.find((known) => known === name);
    if (loss === undefined)
      return { wrong: `one of ${losses.join(", ")}, or a sum of them such as ${example(losses)},` };
    if (terms.some((term) => term.loss === loss))
      return { wrong: `each loss once, with its weight as in ${loss}:0.5,` };
    if (rest.length > 0 || !(Number(weight) > 0 && Number(weight) <= 1e6) || weight === "") {
      return { wrong: `a weight above 0 and up to 1000000, as in ${loss}:0.5,` };
    }
    terms.push({ loss, weight: Number(weight) });
  }
  return terms.length <= MAX_TERMS ? terms : { wrong: `no more than ${MAX_TERMS} losses in a sum` };
}

/** Of a text that a setting has: it was checked when it came. */
export function parseTerms<Loss extends string>(text: string, losses: readonly Loss[]): readonly Term<Loss>[] {
  const terms = readTerms(text, losses);
  if ("wrong" in terms) throw new RangeError(`Expected ${terms.wrong} but received ${text}.`);
  return terms;
}

function example(losses: readonly string[]): string {
  return `${losses.at(-1)},${losses[0]}:0.3`;
}
