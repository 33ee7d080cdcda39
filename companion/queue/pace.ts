// How often companion and workers look, say that they are there, and take each other for gone; ms. One set of numbers,
// because they hang together: what holds between them stands beside each.

export interface Pace {
  /** A worker says so often that it is there, and asks what its jobs should do; at once after a hint. */
  beatMs: number;
  /** A worker that was not heard of for so long is taken for gone: some beats may be lost on their way. */
  silentMs: number;
  /** A worker that does not renew its hold on an entry of the queue for so long has lost it ... */
  lockMs: number;
  /** ... later than it counts as silent, so that who finds the entry finds out what became of its worker, too. */
  renewMs: number;
  /** Workers look so often for entries that were lost so. */
  stalledEveryMs: number;
  /** The companion looks so often for jobs whose worker and entry are both gone. */
  lostEveryMs: number;
  /** The companion looks so often whether its offers still stand. */
  offersEveryMs: number;
  /** A worker looks so often into the queues, when no hint comes. */
  lookEveryMs: number;
  /** A worker that lacked what a job takes, such as room on its disk, takes no other one for so long. */
  restMs: number;
}

export const PACE: Pace = {
  beatMs: 4_000,
  silentMs: 13_000,
  lockMs: 20_000,
  renewMs: 5_000,
  stalledEveryMs: 4_000,
  lostEveryMs: 5_000,
  offersEveryMs: 2_000,
  lookEveryMs: 1_000,
  restMs: 30_000,
};
