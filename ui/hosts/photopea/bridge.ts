// Speaks to Photopea: scripts out, strings and files back. Photopea's own "done" comes early, late and several times,
// so each script ends with a token of its own and is done when that token comes back. One script at a time.

import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { makeTurns } from "../../turns.ts";

const PHOTOPEA_ORIGIN = "https://www.photopea.com";

export interface ScriptReply {
  /** What the script gave to `reply(…)`, parsed from JSON. */
  values: unknown[];
  /** Files that it saved with saveToOE. */
  files: Uint8Array[];
}

export interface Bridge {
  /**
   * Runs a script that may call `reply(value)`. Resolves when it has ended and `files` files have come.
   * Throws ImpastoError when it failed or did not answer in time.
   */
  run(script: string, options?: { files?: number }): Promise<ScriptReply>;
  /** Opens a file as a new document; Photopea tells nothing reliable about when that is done. */
  openFile(bytes: Uint8Array): Promise<void>;
}

/** What a window and its parent look like to the bridge; a test gives its own. */
export interface Channel {
  post(message: string | ArrayBuffer): void;
  listen(listener: (data: unknown) => void): void;
}

/** Photopea may be busy with a large document; after this it is not going to answer. */
const TIMEOUT_MS = 30_000;

export function windowChannel(): Channel {
  return {
    post: (message) => window.parent.postMessage(message, PHOTOPEA_ORIGIN),
    listen(listener) {
      window.addEventListener("message", ({ source, origin, data }) => {
        if (source === window.parent && origin === PHOTOPEA_ORIGIN) listener(data);
      });
    },
  };
}

export function makeBridge(channel: Channel, timeoutMs = TIMEOUT_MS): Bridge {
  let receive: (data: unknown) => void = () => {};
  const inTurn = makeTurns();
  let tokens = 0;
  const session = Math.random().toString(36).slice(2);
  channel.listen((data) => receive(data));

  function exchange(script: string, files: number): Promise<ScriptReply> {
    const token = `impasto ${session} ${++tokens} `;
    return new Promise((resolve, reject) => {
      const reply: ScriptReply = { values: [], files: [] };
      let begun = false;
      let ended = false;
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        receive = () => {};
        settle();
      };
      const timer = setTimeout(() => finish(() => reject(silent())), timeoutMs);
      receive = (data) => {
        // What comes before it was saved by an earlier script that was given up.
        if (begun && data instanceof ArrayBuffer) reply.files.push(new Uint8Array(data));
        // "done", pings ("MSFAPI#…") and answers to earlier scripts are not for us.
        if (typeof data === "string" && data.startsWith(token)) {
          const answer = data.slice(token.length);
          if (answer === "begin") begun = true;
          if (answer.startsWith("value ")) reply.values.push(JSON.parse(answer.slice(6)));
          if (answer.startsWith("error ")) return finish(() => reject(failed(answer.slice(6))));
          if (answer === "end") ended = true;
        }
        if (ended && reply.files.length >= files) finish(() => resolve(reply));
      };
      channel.post(wrap(script, token));
    });
  }

  return {
    run: (script, { files = 0 } = {}) => inTurn(() => exchange(script, files)),
    openFile: (bytes) =>
      inTurn(async () => {
        channel.post(bytes.slice().buffer);
      }),
  };
}

/** Old-style JavaScript, for Photopea's interpreter; a throw comes back as words instead of a dialog. */
function wrap(script: string, token: string): string {
  const quoted = JSON.stringify(token);
  return (
    `(function(){function reply(v){app.echoToOE(${quoted}+"value "+JSON.stringify(v));}` +
    `app.echoToOE(${quoted}+"begin");try{${script}\n}catch(e){app.echoToOE(${quoted}+"error "+e);return;}app.echoToOE(${quoted}+"end");})();`
  );
}

function silent(): ImpastoError {
  return new ImpastoError("internal", "Photopea does not answer.", {
    hint: "Close any dialog that is open in Photopea, then try again.",
  });
}

function failed(detail: string): ImpastoError {
  return new ImpastoError("internal", "Photopea could not do this.", {
    hint: "Check that the document and the layer are still there.",
    cause: new Error(detail),
  });
}
