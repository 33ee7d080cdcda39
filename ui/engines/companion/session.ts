// The panel's standing with one companion: it asks for the proof, trades the token for a session, and shows that
// from then on. A session that has run out, or went with a companion that was started again, is replaced unseen.

import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { newNonce, type Paired, provesToken, tokenId } from "../../pairing.ts";
import { type Credentials, createHttp } from "./http.ts";

/** `onStranger`: whoever answers there did not issue the token, or has revoked it. */
export function createSession(base: string, paired: Paired, onStranger: () => void): Credentials {
  let current: string | null = null;
  let opening: Promise<string> | null = null;

  async function open(): Promise<string> {
    if (!(await holdsToken(base, paired))) {
      onStranger();
      throw new ImpastoError("unauthorized", "The companion does not know this panel any more.", {
        hint: "Connect the panel again.",
      });
    }
    const token = { bearer: async () => paired.token, spent: () => undefined };
    return (await createHttp(base, token).json("pairSession")).session;
  }

  return {
    async bearer() {
      if (current !== null) return current;
      // Requests that come together wait for the same session.
      opening ??= open().finally(() => {
        opening = null;
      });
      current = await opening;
      return current;
    },
    spent(bearer) {
      if (current === bearer) current = null;
    },
  };
}

/** True when the one who answers there issued the token. */
async function holdsToken(base: string, paired: Paired): Promise<boolean> {
  const id = tokenId(paired.token);
  if (id === null) return false;
  const nonce = newNonce();
  const { proof } = await createHttp(base, null).json("pairProof", { body: { id, nonce } });
  return provesToken(paired, nonce, Number(new URL(base).port), proof);
}
