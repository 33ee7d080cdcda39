// The messages between the panel and the plugin's main thread: each question has one answer with its number.

import { ImpastoError } from "../../companion/protocol/errors.ts";
import type { Selection } from "../../companion/protocol/host/layer-types.ts";
import { type FromPanel, type PluginRequest, parseFromPlugin } from "../../companion/protocol/host/messages.ts";

/** What the frame around the panel is; a test gives its own. */
export interface FigmaFrame {
  postMessage(message: { pluginMessage: FromPanel }): void;
  /** Calls with what `event.data.pluginMessage` holds, unchecked. */
  onMessage(listener: (pluginMessage: unknown) => void): void;
}

export const PARENT_FRAME: FigmaFrame = {
  postMessage: (message) => parent.postMessage(message, "*"),
  onMessage: (listener) =>
    window.addEventListener("message", ({ source, data }) => {
      const fromFigma = source === parent && typeof data === "object" && data !== null && "pluginMessage" in data;
      if (fromFigma) listener(data.pluginMessage);
    }),
};

export interface FigmaLine {
  ask(request: PluginRequest): Promise<unknown>;
  /** Asks for nothing. */
  tell(message: FromPanel): void;
  /** Calls with the present selection, then at each change. Returns what ends it. */
  onSelection(listener: (selection: Selection) => void): () => void;
}

export function openLine(frame: FigmaFrame): FigmaLine {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  const listeners = new Set<(selection: Selection) => void>();
  let selection: Selection = { layers: [], count: 0, readOnly: null };
  let lastId = 0;

  frame.onMessage((pluginMessage) => {
    const message = parseFromPlugin(pluginMessage);
    if (message === null) return;
    if (message.type === "selection") {
      selection = message.selection;
      for (const listener of listeners) listener(selection);
      return;
    }
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.type === "answer") return asked?.resolve(message.value);
    asked?.reject(ImpastoError.fromBody(message.error));
  });

  function ask(request: PluginRequest): Promise<unknown> {
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      frame.postMessage({ pluginMessage: { type: "request", id, request } });
    });
  }

  return {
    ask,
    tell: (message) => frame.postMessage({ pluginMessage: message }),
    onSelection(listener) {
      listeners.add(listener);
      listener(selection);
      return () => listeners.delete(listener);
    },
  };
}
