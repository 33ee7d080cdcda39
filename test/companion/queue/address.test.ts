// Addresses of queues: which are taken, and which are refused with the way to make them safe.

import { describe, expect, it } from "vitest";
import { parseQueueAddress } from "../../../companion/queue/address.ts";

describe("the address of a queue", () => {
  it.each([
    ["redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"],
    ["redis://localhost", "redis://localhost"],
    ["redis://[::1]:6380", "redis://[::1]:6380"],
    ["redis://:secret@127.8.8.8/15", "redis://127.8.8.8/15"],
    ["rediss://user:secret@studio.example:6379/0", "rediss://studio.example:6379/0"],
    ["rediss://:secret@192.168.1.9/0", "rediss://192.168.1.9/0"],
  ])("%s is taken, and shown without its password", (text, shown) => {
    expect(parseQueueAddress(text, false)).toEqual({ url: text, shown });
  });

  it.each([
    ["redis://studio/0", "lacks a password and encryption (rediss://)."],
    ["redis://:secret@studio/0", "lacks encryption (rediss://)."],
    ["rediss://studio/0", "lacks a password."],
    ["redis://10.0.0.5", "lacks a password and encryption (rediss://)."],
    // No loopback, whatever it begins with.
    ["redis://127.0.0.1.example.com/0", "lacks a password and encryption (rediss://)."],
    ["redis://localhost.example.com/0", "lacks a password and encryption (rediss://)."],
    ["redis://0.0.0.0/0", "lacks a password and encryption (rediss://)."],
    ["redis://[::ffff:a00:5]/0", "lacks a password and encryption (rediss://)."],
  ])("%s of another machine is refused, and taken where somebody knows it", (text, lacks) => {
    expect(() => parseQueueAddress(text, false)).toThrow(lacks);
    expect(() => parseQueueAddress(text, false)).not.toThrow("secret");
    expect(parseQueueAddress(text, true).url).toBe(text);
  });

  it.each([
    "",
    "redis",
    "127.0.0.1:6379",
    "http://studio:6379/0",
    "redis://",
    "redis://h/a",
    "redis://h/0/1",
    "redis://h/1234",
  ])("%j is none, and is not repeated", (text) => {
    expect(() => parseQueueAddress(text, true)).toThrow(
      "The queue's address must have the form redis://[user:password@]host:6379/0.",
    );
  });
});
