// Bytes so far, speed over the last seconds, and the time left: what a progress bar shows.

export interface DownloadProgress {
  receivedBytes: number;
  totalBytes: number | null;
  bytesPerSecond: number;
  secondsLeft: number | null;
}

const WINDOW_MS = 5000;
const REPORT_EVERY_MS = 100;

/** Returns a function that takes the position in bytes and reports at most ten times a second, and at the end. */
export function createMeter(onProgress: (progress: DownloadProgress) => void) {
  const samples: { atMs: number; bytes: number }[] = [];
  let reportedMs = Number.NEGATIVE_INFINITY;
  return (receivedBytes: number, totalBytes: number | null): void => {
    const atMs = performance.now();
    if (receivedBytes < (samples.at(-1)?.bytes ?? 0)) samples.length = 0; // started anew
    if (atMs - reportedMs < REPORT_EVERY_MS && receivedBytes !== totalBytes) return;
    reportedMs = atMs;
    samples.push({ atMs, bytes: receivedBytes });
    while (samples.length > 2 && atMs - (samples[0]?.atMs ?? atMs) > WINDOW_MS) samples.shift();
    const first = samples[0] ?? { atMs, bytes: receivedBytes };
    const bytesPerSecond = atMs > first.atMs ? ((receivedBytes - first.bytes) / (atMs - first.atMs)) * 1000 : 0;
    const secondsLeft =
      totalBytes === null || bytesPerSecond === 0 ? null : (totalBytes - receivedBytes) / bytesPerSecond;
    onProgress({ receivedBytes, totalBytes, bytesPerSecond, secondsLeft });
  };
}

export type Meter = ReturnType<typeof createMeter>;
