// `npm run figma:stand-in`: a page to look at, with a canvas on the left and the real panel on the right. The plugin runs
// in QuickJS in this process; clicking layers selects them (with Shift: several), and Stylize works.

import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { LayerDescription, StandInEvent } from "./inside.ts";
import { panelHtml, policy, windowPage } from "./panel-page.ts";
import { packBytes, startPluginVm, unpackBytes } from "./quickjs.ts";
import { manyFrames, posterWithText, twoLayers } from "./samples.ts";

const CANVAS = `
<style>
  body{display:flex;font:11px sans-serif} #canvas{flex:1;overflow:auto;min-height:100vh;padding:24px;box-sizing:border-box}
  [data-id]{cursor:pointer} .selected{outline:2px solid #0d99ff;outline-offset:2px}
  #note{position:fixed;left:24px;bottom:24px;background:#1e1e1e;color:#fff;padding:8px 12px;border-radius:6px}
  #note:empty{display:none} #panel{flex:none;box-shadow:0 0 12px #0004}
</style>
<div id="canvas"></div><div id="note"></div>
<script>
const send = (path, body) => fetch(path, { method: "POST", body });
const toPlugin = (text) => send("/panel", text);
let picked = [];
async function draw() {
  const { svg, selection } = await (await fetch("/canvas")).json();
  canvas.innerHTML = svg;
  picked = selection;
  for (const id of picked) canvas.querySelector('[data-id="' + id + '"]')?.classList.add("selected");
}
canvas.onclick = ({ target, shiftKey }) => {
  const id = target.closest("[data-id]")?.dataset.id;
  const others = shiftKey ? picked.filter((one) => one !== id) : [];
  send("/select", JSON.stringify(id === undefined ? [] : [...others, id]));
};
addEventListener("keydown", (event) => {
  if ((event.metaKey || event.ctrlKey) && event.key === "z") send("/undo");
});
addEventListener("load", () => {
  const events = new EventSource("/events");
  events.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    if (event.type === "show") figmaWindow.setup(event.setup);
    if (event.type === "post") figmaWindow.post(JSON.stringify(event.message));
    if (event.type === "resize") figmaWindow.resize(event.height);
    if (event.type === "note") note.textContent = event.note.message;
    if (event.type === "close") document.getElementById("panel").remove();
    if (event.type === "canvas") draw();
  };
});
</script>`;

let page: ServerResponse | null = null;

function tell(event: StandInEvent | { type: "canvas" } | { type: "show"; setup: unknown }): void {
  page?.write(`data: ${JSON.stringify(event, packBytes)}\n\n`);
}

const vm = await startPluginVm(readFileSync(new URL("../../../dist/code.js", import.meta.url), "utf8"), {
  onEvent(event) {
    if (event.type !== "show") return tell(event);
    const { width = 300, height = 200 } = event.options;
    tell({ type: "show", setup: { panelHtml: panelHtml("light"), csp: policy(), allow: "", width, height } });
  },
  onLog: (text) => console.log(text),
});
let opened = false;

/** The plugin is opened once the page can hear it; a page that is loaded again asks for a new process. */
async function open(response: ServerResponse): Promise<void> {
  page = response;
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  if (opened) return tell({ type: "note", note: { message: "Start the stand-in again.", error: true, button: null } });
  opened = true;
  const [{ layers, selected }, cards] = [await twoLayers(), await manyFrames(6)];
  const below = cards.filter(({ type }) => type === "FRAME");
  for (const { set } of below) if (set?.transform) set.transform[1][2] += 280;
  const poster = await posterWithText();
  const aside: typeof poster.set = {
    transform: [
      [1, 0, 520],
      [0, 1, 0],
    ],
  };
  const shape: LayerDescription = {
    key: "Sky",
    type: "ELLIPSE",
    set: {
      width: 160,
      height: 90,
      transform: [
        [1, 0, 560],
        [0, 1, 20],
      ],
      opacity: 0.5,
    },
  };
  await vm.open({ layers: [...layers, ...below, { ...poster, set: { ...poster.set, ...aside } }, shape], selected });
  tell({ type: "canvas" });
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  const html = { "Content-Type": "text/html; charset=utf-8" };
  switch (request.url) {
    case "/":
      response.writeHead(200, html).end(await windowPage(CANVAS));
      return;
    case "/events":
      return open(response);
    case "/canvas":
      response.end(JSON.stringify({ svg: await vm.drawPage(), selection: await vm.selection() }));
      return;
    case "/panel":
      await vm.fromPanel(JSON.parse(body, unpackBytes));
      break;
    case "/select":
      await vm.select(JSON.parse(body) as string[]);
      break;
    case "/undo":
      await vm.undo();
      break;
    default:
      response.writeHead(404);
  }
  response.end();
  tell({ type: "canvas" });
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    console.error(error);
    response.destroy();
  });
});
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => {
  console.log(`Open http://127.0.0.1:${(server.address() as AddressInfo).port}/ (Ctrl-C ends it)`);
});
