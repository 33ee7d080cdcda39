// Things that must not happen at the same time take turns.

/** Runs one piece of work after another, in the order of asking; a failed one does not stop the next. */
export function makeTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work, work);
    last = turn.catch(() => {});
    return turn;
  };
}
