// The address of the queue: redis:// or rediss://, with what makes one elsewhere safe to use.

import { ImpastoError } from "../protocol/errors.ts";

export interface QueueAddress {
  url: string;
  /** Without the password: for terminals and logs. */
  shown: string;
}

const FORM = "redis://[user:password@]host:6379/0";

/**
 * @param allowInsecure whoever asks knows that everybody on the way can read and write the queue
 * @throws ImpastoError("bad-request") for what is no such address, and for another machine's without password and TLS
 */
export function parseQueueAddress(text: string, allowInsecure: boolean): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isRedis = url !== null && (url.protocol === "redis:" || url.protocol === "rediss:");
  if (!isRedis || url.hostname === "" || !/^(?:\/\d{0,3})?$/.test(url.pathname)) {
    // Not repeated: it may hold a password.
    throw new ImpastoError("bad-request", `The queue's address must have the form ${FORM}.`);
  }
  const shown = `${url.protocol}//${url.host}${url.pathname}`;
  const lacks = [
    ...(url.password === "" ? ["a password"] : []),
    ...(url.protocol === "redis:" ? ["encryption (rediss://)"] : []),
  ];
  if (!isLoopback(url.hostname) && lacks.length > 0 && !allowInsecure) {
    throw new ImpastoError("bad-request", `The queue at ${shown} lacks ${lacks.join(" and ")}.`, {
      hint: "Give it one with both, or say --insecure-queue where only machines that you trust can reach it.",
    });
  }
  return { url: url.href, shown };
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
