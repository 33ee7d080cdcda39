// Figma's 2×3 transforms: placing a layer of one parent in the space of another.

/** What is in these is placed in the space around them. */
const NO_SPACE: readonly string[] = ["GROUP", "TRANSFORM_GROUP", "BOOLEAN_OPERATION", "PAGE", "DOCUMENT"];

/** Whether what is in it is placed in a space of its own. */
export function makesSpace({ type }: BaseNode): boolean {
  return !NO_SPACE.includes(type);
}

/** a ∘ b */
export function multiply(a: Transform, b: Transform): Transform {
  const cell = (i: 0 | 1, j: 0 | 1 | 2): number => a[i][0] * b[0][j] + a[i][1] * b[1][j] + (j === 2 ? a[i][2] : 0);
  return [
    [cell(0, 0), cell(0, 1), cell(0, 2)],
    [cell(1, 0), cell(1, 1), cell(1, 2)],
  ];
}

export function invert([[a, c, e], [b, d, f]]: Transform): Transform {
  const determinant = a * d - b * c;
  const [ia, ic, ib, id] = [d / determinant, -c / determinant, -b / determinant, a / determinant];
  return [
    [ia, ic, -(ia * e + ic * f)],
    [ib, id, -(ib * e + id * f)],
  ];
}

export function isUpright([[a, c], [b, d]]: Transform): boolean {
  const tolerance = 1e-6;
  return (
    Math.abs(a - 1) < tolerance && Math.abs(b) < tolerance && Math.abs(c) < tolerance && Math.abs(d - 1) < tolerance
  );
}
