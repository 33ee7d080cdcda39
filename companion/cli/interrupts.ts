// Ctrl-C and its kin: the first asks the run to end with what it has, the second ends the process at once.

import { EXIT } from "./exit-codes.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface Interrupts {
  readonly interrupted: boolean;
  /** Gives the signals back to the system. */
  release(): void;
}

export function watchInterrupts(onFirst: () => void): Interrupts {
  let interrupted = false;
  const listener = () => {
    if (interrupted) process.exit(EXIT.interrupted);
    interrupted = true;
    onFirst();
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return {
    get interrupted() {
      return interrupted;
    },
    release() {
      for (const signal of SIGNALS) process.off(signal, listener);
    },
  };
}
