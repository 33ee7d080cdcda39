// Things that come faster than they can be passed on.

import { expect, it } from "vitest";
import { Latest } from "../../../companion/worker/latest.ts";

it("of those that wait only the latest is passed on, and who puts it gets back what it took the place of", async () => {
  const passed: number[] = [];
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const latest = new Latest<number>(async (thing) => {
    passed.push(thing);
    await gate;
  });
  expect([latest.put(1), latest.put(2), latest.put(3)]).toEqual([null, null, 2]);
  open();
  await latest.idle();
  expect(passed).toEqual([1, 3]);
  latest.put(4);
  await latest.idle();
  expect(passed).toEqual([1, 3, 4]);
});

it("none is passed on sooner after another than it may", async () => {
  const at: number[] = [];
  const latest = new Latest<number>(async () => void at.push(performance.now()), 50);
  latest.put(1);
  latest.put(2);
  await latest.idle();
  // Timers may be early by a fraction of a millisecond.
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(49);
});
