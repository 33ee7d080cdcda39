// Who watches a job. The first event stream brings its client back, the last one to close takes it away;
// the job service runs the clocks.

import type { JobService } from "../job-service.ts";

export interface Presence {
  /** A job that nobody watches yet: its clock starts now. */
  submitted(job: string): void;
  /** A stream opened; call the result when it closes. */
  watching(job: string): () => void;
}

export function createPresence(service: Pick<JobService, "clientGone" | "clientBack">): Presence {
  const watchers = new Map<string, number>();
  return {
    submitted(job) {
      if (!watchers.has(job)) service.clientGone(job);
    },
    watching(job) {
      const before = watchers.get(job) ?? 0;
      if (before === 0) service.clientBack(job);
      watchers.set(job, before + 1);
      return () => {
        const left = (watchers.get(job) ?? 1) - 1;
        if (left > 0) watchers.set(job, left);
        else {
          watchers.delete(job);
          service.clientGone(job);
        }
      };
    },
  };
}
