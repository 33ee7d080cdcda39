import { describe, expect, test } from "vitest";
import type { Plan } from "../../../companion/protocol/plan.ts";
import { memoryBudget, overBudget } from "../../../companion/supervisor/memory-budget.ts";

const MB = 1024 ** 2;

function plan(width: number, height: number, peakBytes: number, largestSize = 8192): Plan {
  return { width, height, peakBytes, largestSize, scales: [], seconds: 1, fits: true, device: "cpu" };
}

describe("the memory that a run may take", () => {
  test("is twice what was planned, beside what the process held before and room for pictures", () => {
    const budget = memoryBudget(plan(1024, 768, 1000 * MB), 200 * MB);
    expect(budget.limitBytes).toBe((200 + 2000 + 512) * MB);
    expect(overBudget(budget, budget.limitBytes)).toBeNull();
    expect(overBudget(budget, budget.limitBytes + 1)).toMatchObject({
      code: "out-of-memory",
      hint: "Try a size of 512 or less.",
    });
  });

  test("is refused with a size that the machine has room for", () => {
    expect(memoryBudget(plan(2000, 3000, MB), 0).smallerSize).toBe(1472);
    expect(memoryBudget(plan(2000, 3000, MB, 700), 0).smallerSize).toBe(640);
    expect(memoryBudget(plan(100, 80, MB, 8), 0).smallerSize).toBe(64);
  });
});
