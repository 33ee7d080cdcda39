// What the panel knows of the companion, whoever fetches it: its state, and the few questions Settings asks.

import type { ReadonlySignal } from "@preact/signals-core";
import type { Device } from "../../companion/protocol/devices.ts";
import type { Doctor, NetworkInfo } from "../../companion/protocol/networks.ts";
import type { Pairing, PairingWindow } from "../../companion/protocol/pairing-messages.ts";
import type { StyleEngine } from "../engines/style-engine.ts";

export type LinkState =
  | { kind: "searching" }
  /** Nothing answers on any port. */
  | { kind: "absent" }
  /** Something answers, and it is not Impasto. */
  | { kind: "foreign"; port: number }
  /** The browser forbids this page to reach the computer it runs on. */
  | { kind: "blocked" }
  | { kind: "version"; companion: "older" | "newer" }
  | { kind: "unpaired"; pairing: "open" | "closed" }
  /** It answers, and still looks at its devices. */
  | { kind: "starting"; seconds: number }
  | { kind: "ready" }
  /** It was ready and does not answer any more; looked for on and on. */
  | { kind: "lost"; seconds: number };

export interface PullProgress {
  receivedBytes: number;
  totalBytes: number;
}

export interface CompanionLink {
  readonly state: ReadonlySignal<LinkState>;
  readonly engine: StyleEngine;
  /** Empty until ready. */
  readonly devices: ReadonlySignal<readonly Device[]>;
  readonly networks: ReadonlySignal<readonly NetworkInfo[]>;
  /** Begins to look, and goes on looking. */
  start(): void;
  stop(): void;
  /** Looks now instead of at the next tick. */
  retry(): void;
  /** Throws "pairing-failed", "pairing-closed" or "rate-limited". */
  pair(code: string): Promise<void>;
  forget(): Promise<void>;
  /** Resolves when the network is there; throws "download-failed", "hash-mismatch" or "disk-full". */
  pull(name: string, onProgress: (progress: PullProgress) => void): Promise<void>;
  doctor(): Promise<Doctor>;
  /** Only the companion's own page may pair others: it shows the code and the list. */
  readonly admin: ReadonlySignal<boolean>;
  openPairing(): Promise<PairingWindow>;
  pairings(): Promise<readonly Pairing[]>;
  unpair(id: string): Promise<void>;
}
