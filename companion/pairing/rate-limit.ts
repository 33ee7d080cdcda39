// A token bucket: so many at once, so many a second. Used on pairing and failed authentication only.

export interface RateLimit {
  /** True when one more is allowed now, and counts it. */
  take(): boolean;
}

/** `now` in milliseconds, monotonic. */
export function rateLimit(burst: number, perSecond: number, now: () => number = () => performance.now()): RateLimit {
  let left = burst;
  let filledAt = now();
  return {
    take() {
      const time = now();
      left = Math.min(burst, left + ((time - filledAt) / 1000) * perSecond);
      filledAt = time;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
