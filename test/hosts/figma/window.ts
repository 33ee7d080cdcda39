// The browser's part of the stand-in's window: the panel in a frame like Figma's, and the messages in between.
// Runs in a test page, and behind `npm run figma:stand-in`.

import { checkMessage } from "./figma.ts";
import type { Theme } from "./theme.ts";

/** What the host page was given by frame.ts. */
interface WindowSetup {
  panelHtml: string;
  csp: string;
  /** The permissions that the page hands on to its frames. */
  allow: string;
  width: number;
  height: number;
}

export interface FigmaWindow {
  setup(given: WindowSetup): void;
  /** A message of the plugin's to its panel; bytes as { $bytes }. */
  post(text: string): void;
  resize(height: number): void;
  setTheme(theme: Theme): void;
}

/** The panel posts; what Figma would not carry is an error. Set by whoever opens the page. */
declare const toPlugin: (text: string) => void;

/**
 * Figma's panel lies in an about:srcdoc frame inside a data: one: its origin is opaque, it is no secure context, and it
 * inherits the policy of the data: page.
 */
function carrier({ csp, allow }: WindowSetup): string {
  return `<!doctype html><meta http-equiv="Content-Security-Policy" content="${csp}">
<style>html,body{margin:0;height:100%}iframe{border:0;width:100%;height:100%;display:block}</style>
<script>
const panel = document.createElement("iframe");
panel.allow = "${allow}";
addEventListener("message", ({ source, data }) => {
  if (source === panel.contentWindow) return parent.postMessage(data, "*");
  if (source !== parent) return;
  if ("html" in data) {
    panel.srcdoc = data.html;
    document.body.append(panel);
  } else if ("theme" in data) {
    panel.contentDocument.documentElement.className = data.theme;
  } else {
    panel.contentWindow.postMessage(data, "*");
  }
});
parent.postMessage("ready", "*");
</script>`;
}

function pack(_key: string, value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value;
  let text = "";
  for (let i = 0; i < value.length; i += 0x8000) text += String.fromCharCode(...value.subarray(i, i + 0x8000));
  return { $bytes: btoa(text) };
}
function unpack(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("$bytes" in value)) return value;
  return Uint8Array.from(atob(value.$bytes as string), (character) => character.charCodeAt(0));
}

const frame = document.getElementById("panel") as HTMLIFrameElement;
const toFrame = (message: unknown): void => frame.contentWindow?.postMessage(message, "*");
let setup: WindowSetup;
let isReady = false;
const queue: unknown[] = [];

addEventListener("message", ({ source, data }) => {
  if (source !== frame.contentWindow) return;
  if (data === "ready") {
    toFrame({ html: setup.panelHtml });
    return;
  }
  if (typeof data !== "object" || data === null || !("pluginMessage" in data)) return;
  // The panel's script runs: what waited for it goes first.
  isReady = true;
  for (const message of queue.splice(0)) toFrame(message);
  checkMessage(data.pluginMessage);
  toPlugin(JSON.stringify(data.pluginMessage, pack));
});

const figmaWindow: FigmaWindow = {
  setup(given) {
    setup = given;
    frame.width = String(given.width);
    frame.height = String(given.height);
    frame.allow = given.allow;
    frame.src = `data:text/html;charset=utf-8,${encodeURIComponent(carrier(given))}`;
  },
  post(text) {
    const message = { pluginMessage: JSON.parse(text, unpack) };
    if (isReady) toFrame(message);
    else queue.push(message);
  },
  resize(height) {
    frame.height = String(height);
  },
  setTheme: (theme) => toFrame({ theme: `figma-${theme}` }),
};

Object.assign(globalThis, { figmaWindow });
