// What is wrong with the queue's server, each to be read after "The queue": what it answers or how it fails, and what it
// says of itself that will not do.

import { isOlder } from "./worker-list.ts";

const OLDEST = "6.2.0";

/** Told what is wrong, and in the words of who said so. */
export type OnTrouble = (trouble: string, detail: string) => void;

/** By what Redis, Node or OpenSSL say. */
const ANSWERS: readonly [RegExp, string][] = [
  [/^(?:WRONGPASS|NOAUTH)/, "refuses the password: check the one in --queue or IMPASTO_QUEUE."],
  [/^NOPERM/, "lets this user do too little: it takes the rights ~impasto:* &impasto:* +@all."],
  [/^OOM/, "is full and takes nothing more: raise its maxmemory. What waits stands in the companion's ledger."],
  [/^MISCONF/, 'cannot write to its disk and takes nothing more: make room there, or start it with --save "".'],
  [/^READONLY/, "is a copy of another one and takes nothing: give that one's address."],
  [/^ERR DB index/, "has no database of that number: end its address with /0."],
  [/certificate/i, "shows a certificate that is not trusted here: name its issuer's file in NODE_EXTRA_CA_CERTS."],
  [/wrong version number|packet length too long/i, "speaks no TLS on this port: give it some, or say redis://."],
];

export function troubleOf({ message }: Error): string {
  const known = ANSWERS.find(([pattern]) => pattern.test(message));
  return known?.[1] ?? "does not answer; it is tried again and again.";
}

/** `info`: what Redis or Valkey answers to INFO. Null where all is well. */
export function shortcomingOf(info: string): string | null {
  const field = (name: string) => new RegExp(`^${name}:(\\S*)`, "m").exec(info)?.[1];
  const version = field("redis_version");
  if (version !== undefined && isOlder(version, OLDEST)) {
    return `is Redis ${version}, too old: update it to 6.2 or newer, or to Valkey.`;
  }
  const policy = field("maxmemory_policy");
  if (policy === undefined || policy === "noeviction" || field("maxmemory") === "0") return null;
  return `throws away what waits when it is full (${policy}), and the companion puts it there again: set maxmemory-policy noeviction.`;
}
