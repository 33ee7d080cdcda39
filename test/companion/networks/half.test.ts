import { describe, expect, test } from "vitest";
import { floatsToHalves, halvesToFloats } from "../../../companion/networks/half.ts";

describe("16-bit floats", () => {
  test("every half survives the way to float and back", () => {
    const halves = Uint16Array.from({ length: 65_536 }, (_, i) => i).filter(
      (h) => (h & 0x7c00) !== 0x7c00 || (h & 0x3ff) === 0,
    );
    expect(floatsToHalves(halvesToFloats(halves))).toEqual(halves);
  });

  test("floats between two halves go to the nearer one, ties to the even one", () => {
    const [one, next] = [1, 1 + 2 ** -10];
    const floats = Float32Array.of(one + 2 ** -12, one + 2 ** -11, next + 2 ** -11, next - 2 ** -12);
    expect(halvesToFloats(floatsToHalves(floats))).toEqual(Float32Array.of(one, one, 1 + 2 ** -9, next));
  });

  test("known values", () => {
    const floats = Float32Array.of(0, -0, 1, -2, 65_504, 65_519, 65_520, 1e9, 2 ** -24, 2 ** -25, 6.1e-5, Number.NaN);
    const halves = floatsToHalves(floats);
    expect([...halves.subarray(0, 11)]).toEqual([
      0, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x7bff, 0x7c00, 0x7c00, 1, 0, 0x3ff,
    ]);
    expect(halvesToFloats(halves)[11]).toBeNaN();
  });
});
