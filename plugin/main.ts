// Figma's main thread: opens the panel, tells it the selection, and does to the document what it asks.
// No DOM, no network; what the panel sends is parsed before it is believed.

import { ImpastoError } from "../companion/protocol/errors.ts";
import { COMMANDS, isOneOf } from "./layer-types.ts";
import { type FromPlugin, parseFromPanel, type Started } from "./messages.ts";
import { answerRequest } from "./requests.ts";
import { describeSelection } from "./selection.ts";

const WIDTH_PX = 320;
const FIRST_HEIGHT_PX = 560;
const MIN_HEIGHT_PX = 120;
const MAX_HEIGHT_PX = 900;

let started: Started = { command: "open", parameters: {} };

function post(message: FromPlugin): void {
  figma.ui.postMessage(message);
}

async function receive(value: unknown): Promise<void> {
  const message = parseFromPanel(value);
  if (message === null) return;
  switch (message.type) {
    case "close":
      figma.closePlugin();
      return;
    case "resize":
      figma.ui.resize(WIDTH_PX, Math.round(Math.min(MAX_HEIGHT_PX, Math.max(MIN_HEIGHT_PX, message.height))));
      return;
    case "request": {
      const { id, request } = message;
      try {
        post({ type: "answer", id, value: await answerRequest(request, started) });
      } catch (error) {
        post({ type: "refusal", id, error: toBody(error) });
      }
      if (request.kind === "start") post({ type: "selection", selection: describeSelection() });
    }
  }
}

function toBody(error: unknown) {
  if (error instanceof ImpastoError) return error.toBody();
  const detail = error instanceof Error ? error.message : String(error);
  return new ImpastoError("internal", `Figma refused: ${detail}`).toBody();
}

function open({ command, parameters }: { command: string; parameters?: ParameterValues | undefined }): void {
  const texts: Record<string, string> = {};
  for (const [key, value] of Object.entries(parameters ?? {})) texts[key] = String(value);
  started = { command: isOneOf(COMMANDS, command) ? command : "open", parameters: texts };
  figma.showUI(__html__, { width: WIDTH_PX, height: FIRST_HEIGHT_PX, themeColors: true, title: "Impasto" });
}

figma.skipInvisibleInstanceChildren = true;
figma.ui.onmessage = (message: unknown) => void receive(message);
figma.on("selectionchange", () => post({ type: "selection", selection: describeSelection() }));
figma.on("currentpagechange", () => post({ type: "selection", selection: describeSelection() }));
figma.on("run", (event) => {
  if ("command" in event) open(event);
});
