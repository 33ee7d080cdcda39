// How a test tells the fake engine what to do: `seed` is the fault, `stepSize` the time of an iteration.

export const FAULTS = {
  none: 0,
  segfault: 1,
  segfaultUnlessResumed: 2,
  abort: 3,
  exit: 4,
  hang: 5,
  gpuLost: 6,
  gpuOutOfMemory: 7,
  outOfMemory: 8,
  greedy: 9,
  stall: 10,
  stallUnlessResumed: 11,
} as const;

/** stepSize 0.02 means iterations of 2 ms. */
export const MS_PER_STEP_SIZE = 100;
