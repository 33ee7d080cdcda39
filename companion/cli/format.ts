// Numbers as people read them.

/** "8.3 s", "1 min 20 s", "2 h 05 min" */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** "640 kB", "2.5 MB", "1.2 GB" (decimal units) */
export function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Three digits: "0.0123", "1.23e-6" */
export function formatLoss(loss: number): string {
  if (loss === 0) return "0";
  return Math.abs(loss) >= 0.001 && Math.abs(loss) < 1000 ? loss.toPrecision(3) : loss.toExponential(2);
}
