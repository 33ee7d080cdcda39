// The panel's line to the companion: finds it, proves and pairs, notices when it goes and when it is back.

import { signal } from "@preact/signals-core";
import type { Device } from "../../../companion/protocol/devices.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { NetworkInfo } from "../../../companion/protocol/networks.ts";
import type { PanelHost } from "../../../companion/protocol/pairing.ts";
import type { Health } from "../../../companion/protocol/pairing-messages.ts";
import { pair, tokenId } from "../../pairing.ts";
import type { CompanionLink, LinkState } from "../../state/link.ts";
import { discover } from "./discover.ts";
import { createCompanionEngine } from "./engine.ts";
import { follow } from "./follow.ts";
import { type CompanionHttp, createHttp } from "./http.ts";
import { type KeptPairing, loadPairing, type Storage, savePairing } from "./pairing-store.ts";
import { createSession } from "./session.ts";

export interface LinkOptions {
  /** Where a companion may answer, e.g. http://localhost:47820; tried all at once. */
  bases: readonly string[];
  storage: Storage;
  about: { host: PanelHost; name: string };
  /** One-time ticket of the page that the companion itself opened. */
  ticket?: string | null;
  /** Between two looks: while it is there, and while it is not. */
  everyMs?: { present: number; absent: number };
}

const EVERY_MS = { present: 4_000, absent: 2_500 };
const SECOND_MS = 1_000;
/** Devices are probed when the companion starts; that may take a while. */
const STARTUP_TIMEOUT_MS = 60_000;

export function createCompanionLink(options: LinkOptions): CompanionLink {
  const { bases, storage, about, everyMs = EVERY_MS } = options;
  const state = signal<LinkState>({ kind: "searching" });
  const devices = signal<readonly Device[]>([]);
  const networks = signal<readonly NetworkInfo[]>([]);
  const admin = signal(false);
  let paired: KeptPairing | null = null;
  let ticket = options.ticket ?? null;
  let http: CompanionHttp | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let looking: Promise<void> | null = null;
  let stopped = true;
  let lostSince: number | null = null;

  const requireHttp = (): CompanionHttp => {
    if (http !== null) return http;
    throw new ImpastoError("companion-unreachable", "The companion does not answer.", {
      hint: "Start it again, or continue without it.",
    });
  };

  /** One look, then the next one is planned. */
  function look(): Promise<void> {
    clearTimeout(timer);
    looking ??= step()
      .catch((cause) => {
        // It answered and then did not: the next look tells what it is.
        if (!(cause instanceof ImpastoError)) console.error(cause);
        if (cause instanceof ImpastoError && cause.code === "version-mismatch") {
          state.value = { kind: "version", companion: "older" };
        } else gone();
      })
      .finally(() => {
        looking = null;
        if (stopped) return;
        const { kind } = state.value;
        const delay = kind === "lost" ? SECOND_MS : kind === "ready" ? everyMs.present : everyMs.absent;
        timer = setTimeout(() => void look(), delay);
      });
    return looking;
  }

  async function step(): Promise<void> {
    const found = await discover(bases, paired?.instance ?? null);
    if (found.kind !== "found") {
      if (found.kind === "absent") gone();
      else state.value = found;
      return;
    }
    const { base, health } = found;
    if (state.value.kind === "ready" && http?.base === base && paired?.instance === health.instance) return;
    if (ticket !== null) await redeem(base, health.instance);
    if (paired === null || paired.instance !== health.instance) unpaired(health.pairing);
    else await connect(base, paired, health.pairing);
  }

  function unpaired(pairing: Health["pairing"]): void {
    http = null;
    state.value = { kind: "unpaired", pairing };
  }

  /** A companion that was there is lost, and its work with it until it is back; one that never was is absent. */
  function gone(): void {
    if (http === null) {
      state.value = { kind: "absent" };
      return;
    }
    lostSince ??= performance.now();
    state.value = { kind: "lost", seconds: Math.round((performance.now() - lostSince) / SECOND_MS) };
  }

  async function redeem(base: string, instance: string): Promise<void> {
    const spent = ticket as string;
    ticket = null;
    try {
      const { token } = await createHttp(base, null).json("pairTicket", { body: { ticket: spent } });
      await keep({ instance, token, admin: true });
    } catch (cause) {
      // A ticket works once; a page that was reloaded goes on with the token it kept, or asks to pair.
      if (!(cause instanceof ImpastoError)) throw cause;
    }
  }

  async function keep(next: KeptPairing | null): Promise<void> {
    paired = next;
    await savePairing(storage, next).catch(() => undefined);
  }

  /** Asks what it has; the state counts the seconds while that takes. */
  async function connect(base: string, known: KeptPairing, pairing: Health["pairing"]): Promise<void> {
    const session = createSession(base, known, () => {
      // Long after: the panel was revoked while it is open.
      if (http === next) unpaired("closed");
    });
    const next = createHttp(base, session);
    const startedAt = performance.now();
    const counting = setInterval(() => {
      state.value = { kind: "starting", seconds: Math.round((performance.now() - startedAt) / SECOND_MS) };
    }, SECOND_MS / 2);
    try {
      const timeoutMs = STARTUP_TIMEOUT_MS;
      const [deviceList, networkList] = await Promise.all([
        next.json("devices", { timeoutMs }),
        next.json("networks", { timeoutMs }),
      ]);
      devices.value = deviceList.devices;
      networks.value = networkList.networks;
      http = next;
      lostSince = null;
      admin.value = known.admin;
      state.value = { kind: "ready" };
    } catch (cause) {
      if (!(cause instanceof ImpastoError) || cause.code !== "unauthorized") throw cause;
      unpaired(pairing);
    } finally {
      clearInterval(counting);
    }
  }

  const deviceName = (kind: string) => devices.value.find((device) => device.kind === kind)?.name ?? kind;
  const engine = createCompanionEngine({ http: requireHttp, deviceName, devices: () => devices.value });

  return {
    state,
    devices,
    networks,
    admin,
    engine,

    start(): void {
      stopped = false;
      void loadPairing(storage).then((stored) => {
        paired = stored;
        return look();
      });
    },
    stop(): void {
      stopped = true;
      clearTimeout(timer);
    },
    retry: () => void look(),

    async pair(code) {
      const found = await discover(bases, null);
      if (found.kind !== "found") {
        throw new ImpastoError("companion-unreachable", "The companion does not answer.", { hint: "Start it first." });
      }
      const plain = createHttp(found.base, null);
      const transport = {
        start: (body: { clientNonce: string }) => plain.json("pairStart", { body }),
        finish: (body: object) => plain.json("pairFinish", { body }),
      };
      await keep({ ...(await pair(transport, code, about)), admin: false });
      await look();
    },

    async forget() {
      const id = paired && tokenId(paired.token);
      if (id !== null && http !== null) await http.send("pairingDelete", { params: { id } }).catch(() => undefined);
      await keep(null);
      unpaired("closed");
    },

    async pull(name, onProgress) {
      await requireHttp().json("networkPull", { params: { name } });
      const { signal } = new AbortController();
      const last = await follow({
        http: requireHttp,
        route: "networkEvents",
        params: { name },
        signal,
        onEvent: (event) => {
          if (event.type === "progress") onProgress(event);
        },
        isLast: (event) => event.type !== "progress",
      });
      if (last.type === "failed") throw ImpastoError.fromBody(last.error);
      ({ networks: networks.value } = await requireHttp().json("networks"));
    },

    doctor: () => requireHttp().json("doctor", { timeoutMs: STARTUP_TIMEOUT_MS }),
    openPairing: () => requireHttp().json("pairOpen"),
    pairings: async () => (await requireHttp().json("pairings")).pairings,
    unpair: (id) => requireHttp().send("pairingDelete", { params: { id } }),
  };
}
