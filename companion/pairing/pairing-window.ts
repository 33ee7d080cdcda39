// The pairing window: opened by hand for two minutes, it shows one code, takes one panel and closes.
// Every refusal of finish() is the same to the caller and takes the same time: wrong code, no window, replay.

import { ImpastoError } from "../protocol/errors.ts";
import { MAX_WRONG_CODES, NONCE_BYTES, PAIRING_WINDOW_MS } from "../protocol/pairing.ts";
import type { PairFinish, PairFinished, PairStarted } from "../protocol/pairing-messages.ts";
import { clientProof, newCode, pairingKey, randomHex, sameHex, seal, serverProof } from "./keys.ts";
import { rateLimit } from "./rate-limit.ts";
import type { TokenStore } from "./token-store.ts";

/** Handshakes begun and not finished; the oldest makes room. */
const MAX_HANDSHAKES = 32;
/** Windows that may be opened in ten minutes. */
const WINDOWS_PER_TEN_MINUTES = 3;

interface Window {
  code: string;
  /** Monotonic, as `now`. */
  closesAt: number;
  wrongCodes: number;
}

interface Handshake {
  clientNonce: string;
  serverNonce: string;
}

export type WindowEvent =
  | { type: "opened"; code: string }
  | { type: "closed"; why: "paired" | "wrong-codes" | "expired" | "by-hand" };

export interface PairingWindowOptions {
  tokens: TokenStore;
  /** Milliseconds, monotonic: a changed clock neither prolongs nor shortens the window. */
  now?: () => number;
  onEvent?: (event: WindowEvent) => void;
}

export function createPairingWindow({ tokens, now = () => performance.now(), onEvent }: PairingWindowOptions) {
  let current: Window | null = null;
  let timer: NodeJS.Timeout | undefined;
  const handshakes = new Map<string, Handshake>();
  const opening = rateLimit(WINDOWS_PER_TEN_MINUTES, WINDOWS_PER_TEN_MINUTES / 600, now);

  function openWindow(): Window | null {
    if (current !== null && now() >= current.closesAt) close("expired");
    return current;
  }

  function close(why: Extract<WindowEvent, { type: "closed" }>["why"]): void {
    if (current === null) return;
    current = null;
    handshakes.clear();
    clearTimeout(timer);
    onEvent?.({ type: "closed", why });
  }

  return {
    isOpen: () => openWindow() !== null,

    /** The window that is open, or a new one. "rate-limited" after three in ten minutes. */
    open(): { code: string; millisecondsLeft: number } {
      const already = openWindow();
      if (already !== null) return { code: already.code, millisecondsLeft: already.closesAt - now() };
      if (!opening.take()) {
        throw new ImpastoError("rate-limited", "Pairing was opened three times within ten minutes.", {
          hint: "Wait a few minutes, then open it again.",
        });
      }
      current = { code: newCode(), closesAt: now() + PAIRING_WINDOW_MS, wrongCodes: 0 };
      timer = setTimeout(openWindow, PAIRING_WINDOW_MS + 10);
      timer.unref();
      onEvent?.({ type: "opened", code: current.code });
      return { code: current.code, millisecondsLeft: PAIRING_WINDOW_MS };
    },

    close: () => close("by-hand"),

    /** "pairing-closed": health says as much to anybody. */
    start(clientNonce: string): PairStarted {
      if (openWindow() === null) {
        throw new ImpastoError("pairing-closed", "The companion is not waiting for a panel.", {
          hint: "Press Connect on the companion's page, or run `impasto pair open`.",
        });
      }
      const oldest = handshakes.keys().next();
      if (handshakes.size >= MAX_HANDSHAKES && !oldest.done) handshakes.delete(oldest.value);
      const handshake = randomHex(16);
      const serverNonce = randomHex(NONCE_BYTES);
      handshakes.set(handshake, { clientNonce, serverNonce });
      return { handshake, serverNonce, instance: tokens.instance };
    },

    /** Issues the token to the one who knew the code. Any refusal is "pairing-failed". */
    async finish({ handshake, proof, host, name }: PairFinish): Promise<PairFinished> {
      const begun = handshakes.get(handshake);
      handshakes.delete(handshake);
      const window = openWindow();
      const { clientNonce, serverNonce } = begun ?? { clientNonce: "", serverNonce: "" };
      const key = await pairingKey(window?.code ?? newCode(), clientNonce, serverNonce, tokens.instance);
      const right = sameHex(proof, clientProof(key).toString("hex"));
      // While the key was derived another panel may have won, or the time run out.
      const stillOpen = window !== null && openWindow() === window;
      if (begun === undefined || !stillOpen) throw failed();
      if (!right) {
        window.wrongCodes += 1;
        if (window.wrongCodes >= MAX_WRONG_CODES) close("wrong-codes");
        throw failed();
      }
      const { id, secret } = tokens.issue({ host, name, scope: "jobs" });
      close("paired");
      const sealed = seal(key, secret);
      return { id, sealed, proof: serverProof(key, id, sealed) };
    },
  };
}

export type PairingWindow = ReturnType<typeof createPairingWindow>;

function failed(): ImpastoError {
  return new ImpastoError("pairing-failed", "The code was not accepted.", {
    hint: "Check the code that the companion shows now; it changes each time and lasts two minutes.",
  });
}
