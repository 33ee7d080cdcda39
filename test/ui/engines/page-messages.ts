// What the contract's test and its page say to each other: plain data only.

import type { Plan } from "../../../companion/protocol/plan.ts";
import type { Progress } from "../../../companion/protocol/progress.ts";
import type { Settings } from "../../../companion/protocol/settings.ts";
import type {
  BatchFrameStatus,
  BatchRunState,
  EngineCapabilities,
  EngineResult,
  RunState,
} from "../../../ui/engines/style-engine.ts";
import type { SourcePicture } from "../../../ui/host.ts";

export type SentPicture = Omit<SourcePicture, "bytes"> & { base64: string };
export type PageResult = Omit<EngineResult, "bytes"> & { base64: string };

export interface Request {
  content: SentPicture;
  style: SentPicture;
  initial?: SentPicture;
  /** Masks: where the style applies, which part of it counts, what stays. */
  region?: SentPicture;
  source?: SentPicture;
  protect?: SentPicture;
  settings: Partial<Settings>;
}

/** What a run has told so far. */
export interface RunReport {
  states: RunState[];
  progress: Progress[];
  /** When each came, since the run was asked for. */
  previews: { width: number; height: number; atMs: number }[];
  result: PageResult | null;
  /** The error's code. */
  error: string | null;
}

/** A settings record is an update. */
export type Action = "pause" | "resume" | "stop" | "abort" | Partial<Settings>;

export interface ContractPage {
  openWebgl(parts: { script: string; network: string; detailer: string }): Promise<EngineCapabilities>;
  openCompanion(companion: { base: string; code: string }): Promise<EngineCapabilities>;
  plan(request: Request): Promise<Plan | null>;
  /** Returns the run's number. */
  begin(request: Request, options?: { aborted?: boolean }): number;
  look(id: number): RunReport;
  /** The code of what it threw, or null. */
  act(id: number, action: Action): string | null;
  beginBatch(request: {
    contents: readonly SentPicture[];
    style: SentPicture;
    settings: Partial<Settings>;
  }): Promise<number>;
  lookAtBatch(id: number): { frames: BatchFrameStatus[]; states: BatchRunState[] };
  actOnBatch(id: number, action: "pause" | "resume" | "cancel" | "retry" | "skip", frames?: readonly number[]): void;
  /** The result, or the error's code. */
  batchResult(id: number, index: number): Promise<PageResult | string>;
}
