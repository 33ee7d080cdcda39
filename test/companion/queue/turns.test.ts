// Turns of batches: who shares fairly with whom, and from when on.

import { expect, it } from "vitest";
import { Turns } from "../../../companion/queue/turns.ts";

it("batches that are there together take turns", () => {
  const turns = new Turns();
  expect(["a", "a", "b", "a", "b", "c"].map((batch) => turns.next(batch))).toEqual([1, 2, 1, 3, 2, 1]);
});

it("a batch that comes later begins at the turn that is on, and catches nothing up", () => {
  const turns = new Turns();
  for (let i = 0; i < 10; i++) turns.next("early");
  turns.taken(4);
  turns.taken(3);
  expect(turns.next("late")).toBe(5);
  expect(turns.next("early")).toBe(11);
});

it("the count begins anew when nothing waits, and never passes what the queue can sort by", () => {
  const turns = new Turns();
  turns.taken(2_097_150);
  expect([turns.next("a"), turns.next("a")]).toEqual([2_097_151, 2_097_151]);
  turns.begin();
  expect(turns.next("a")).toBe(1);
});
