// What the Settings tab does: pairing, networks on demand, the check-up and its report.

import { signal } from "@preact/signals-core";
import type { ErrorBody } from "../../companion/protocol/errors.ts";
import type { Doctor } from "../../companion/protocol/networks.ts";
import { CODE_LENGTH, normalizeCode } from "../../companion/protocol/pairing.ts";
import type { Pairing, PairingWindow } from "../../companion/protocol/pairing-messages.ts";
import type { CompanionLink, PullProgress } from "./link.ts";
import { toErrorBody } from "./to-error-body.ts";

export type SettingsPage = ReturnType<typeof createSettingsPage>;

export function createSettingsPage(link: CompanionLink, onPaired: () => void) {
  const code = signal("");
  const pairing = signal(false);
  const pairingError = signal<ErrorBody | null>(null);
  const pulls = signal<Readonly<Record<string, PullProgress>>>({});
  const pullErrors = signal<Readonly<Record<string, ErrorBody>>>({});
  const doctor = signal<Doctor | null>(null);
  const checking = signal(false);
  const doctorError = signal<ErrorBody | null>(null);
  const pairingWindow = signal<PairingWindow | null>(null);
  const pairings = signal<readonly Pairing[]>([]);
  const deskError = signal<ErrorBody | null>(null);

  async function listPairings(): Promise<void> {
    try {
      pairings.value = await link.pairings();
    } catch (cause) {
      deskError.value = toErrorBody(cause);
    }
  }

  async function submitCode(): Promise<void> {
    if (pairing.value) return;
    pairing.value = true;
    pairingError.value = null;
    try {
      await link.pair(code.value);
      code.value = "";
      onPaired();
    } catch (cause) {
      pairingError.value = toErrorBody(cause);
    } finally {
      pairing.value = false;
    }
  }

  return {
    code,
    pairing,
    pairingError,
    pulls,
    pullErrors,
    doctor,
    checking,
    doctorError,
    pairingWindow,
    pairings,
    deskError,
    submitCode,
    listPairings,

    /** Shows a code for another panel. */
    async openPairing(): Promise<void> {
      deskError.value = null;
      try {
        pairingWindow.value = await link.openPairing();
      } catch (cause) {
        deskError.value = toErrorBody(cause);
      }
    },
    closePairing(): void {
      pairingWindow.value = null;
    },
    async unpair(id: string): Promise<void> {
      await link.unpair(id).catch((cause) => {
        deskError.value = toErrorBody(cause);
      });
      await listPairings();
    },

    /** Submits by itself as soon as the code is complete. */
    typeCode(typed: string): void {
      code.value = typed;
      pairingError.value = null;
      const complete = typed.replace(/[\s-]/g, "").length === CODE_LENGTH && normalizeCode(typed) !== null;
      if (complete) void submitCode();
    },

    async pull(name: string): Promise<void> {
      if (pulls.value[name] !== undefined) return;
      pullErrors.value = without(pullErrors.value, name);
      pulls.value = { ...pulls.value, [name]: { receivedBytes: 0, totalBytes: 0 } };
      try {
        await link.pull(name, (progress) => {
          pulls.value = { ...pulls.value, [name]: progress };
        });
      } catch (cause) {
        pullErrors.value = { ...pullErrors.value, [name]: toErrorBody(cause) };
      } finally {
        pulls.value = without(pulls.value, name);
      }
    },

    async check(): Promise<void> {
      if (checking.value) return;
      checking.value = true;
      doctorError.value = null;
      try {
        doctor.value = await link.doctor();
      } catch (cause) {
        doctorError.value = toErrorBody(cause);
      } finally {
        checking.value = false;
      }
    },
  };
}

function without<V>(record: Readonly<Record<string, V>>, name: string): Record<string, V> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}
