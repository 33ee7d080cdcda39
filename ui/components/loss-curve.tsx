// The loss over the run, on a logarithmic axis; thin lines mark where the next scale began.

import type { Curve } from "../state/curve.ts";

const WIDTH = 288;
const HEIGHT = 44;
const PAD = 3;

export interface LossCurveProps {
  curve: Curve;
  label: string;
}

export function LossCurve({ curve, label }: LossCurveProps) {
  const { points, length, scales } = curve;
  const logs = points.map(({ y }) => Math.log(Math.max(y, 1e-12)));
  const low = Math.min(...logs);
  const span = Math.max(Math.max(...logs) - low, 1e-6);
  const x = (at: number) => (at / Math.max(length, 1)) * WIDTH;
  const path = points
    .map((point, index) => {
      const y = PAD + (1 - ((logs[index] as number) - low) / span) * (HEIGHT - 2 * PAD);
      const before = points[index - 1];
      // Each scale measures another loss: the line starts anew.
      const begins = before === undefined || scales.some((at) => before.x <= at && at < point.x);
      return `${begins ? "M" : "L"}${x(point.x).toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
  return (
    <svg class="loss-curve" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {scales.map((at) => (
        <line key={at} x1={x(at)} x2={x(at)} y1={0} y2={HEIGHT} class="scale" vector-effect="non-scaling-stroke" />
      ))}
      <path d={path} class="line" vector-effect="non-scaling-stroke" />
    </svg>
  );
}
