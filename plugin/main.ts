// Figma's main thread: opens the panel, tells it the selection, and does to the document what it asks.
// No DOM, no network; what the panel sends is parsed before it is believed.

import { ImpastoError } from "../companion/protocol/errors.ts";
import { COMMANDS } from "../companion/protocol/host/layer-types.ts";
import { type FromPlugin, parseFromPanel, type Started } from "../companion/protocol/host/messages.ts";
import { isOneOf } from "../companion/protocol/parsing.ts";
import { dropInsertion } from "./insertion.ts";
import { clearPreview } from "./preview.ts";
import { chosenParameters, suggest } from "./quick-actions.ts";
import { reasonOf } from "./reason.ts";
import { answerRequest } from "./requests.ts";
import { describeSelection } from "./selection.ts";
import { dropAllShortLived } from "./short-lived.ts";

const WIDTH_PX = 320;
const FIRST_HEIGHT_PX = 560;
const MIN_HEIGHT_PX = 120;
const MAX_HEIGHT_PX = 900;

const TRY_AGAIN = { hint: "Close the plugin and open it again." };

let started: Started = { command: "open", parameters: {} };
/** While a quick action's parameters are typed the plugin runs without its panel. */
let isOpen = false;

function post(message: FromPlugin): void {
  if (isOpen) figma.ui.postMessage(message);
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
      // Before the answer: what the panel was opened for is done to what is selected.
      if (request?.kind === "start") post({ type: "selection", selection: describeSelection() });
      try {
        if (request === null) throw new ImpastoError("internal", "The plugin did not understand its panel.", TRY_AGAIN);
        post({ type: "answer", id, value: await answerRequest(request, started) });
      } catch (error) {
        post({ type: "refusal", id, error: toBody(error) });
      }
    }
  }
}

function toBody(error: unknown) {
  if (error instanceof ImpastoError) return error.toBody();
  return new ImpastoError("internal", `Figma refused: ${reasonOf(error)}`).toBody();
}

function open({ command, parameters }: { command: string; parameters?: ParameterValues | undefined }): void {
  started = { command: isOneOf(COMMANDS, command) ? command : "open", parameters: chosenParameters(parameters) };
  figma.showUI(__html__, { width: WIDTH_PX, height: FIRST_HEIGHT_PX, themeColors: true, title: "Impasto" });
  isOpen = true;
}

figma.skipInvisibleInstanceChildren = true;
figma.ui.onmessage = (message: unknown) => void receive(message);
figma.on("selectionchange", () => post({ type: "selection", selection: describeSelection() }));
figma.on("currentpagechange", () => post({ type: "selection", selection: describeSelection() }));
figma.on("close", clearPreview);
figma.on("close", dropInsertion);
figma.on("close", dropAllShortLived);
figma.parameters.on("input", (event) => void suggest(event));
figma.on("run", (event) => {
  if ("command" in event) open(event);
});
