// The states of a job and of a batch, and which of them are final.
//
//   queued → running ⇄ paused → done | failed | cancelled
//   A restart takes running back to queued (batch, detached) or to paused (reason "restart").

export const JOB_STATES = ["queued", "running", "paused", "done", "failed", "cancelled"] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Why a job stands paused: asked for, its client left, the companion restarted, or the disk is full. */
export const PAUSE_REASONS = ["user", "client-gone", "restart", "disk-full"] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** A frame that was skipped by hand counts as settled. */
export const FRAME_STATES = [...JOB_STATES, "skipped"] as const;
export type FrameState = (typeof FRAME_STATES)[number];

/** A batch is done when every frame is done, failed, cancelled or skipped; `counts` tells which. */
export const BATCH_STATES = ["running", "paused", "done", "cancelled"] as const;
export type BatchState = (typeof BATCH_STATES)[number];

/** True for states that a job never leaves. */
export function isFinal(state: FrameState): boolean {
  return state === "done" || state === "failed" || state === "cancelled" || state === "skipped";
}
