// How long this process computes, which a busy machine does not change: for promises of "at once" and "soon".

/** Begins to count; the answer tells the time of all threads since then, ms. */
export function processorClock(): () => number {
  const begun = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1000;
  };
}
