// studio.html: the panel beside a canvas, in a plain browser tab. Served by the companion.

import "../../styles/index.css";
import "./studio.css";
import { render } from "preact";
import { PORTS } from "../../../companion/protocol/ports.ts";
import { createCompanionLink } from "../../engines/companion/link.ts";
import { makePanelEngine } from "../../engines/panel/engine.ts";
import { mountPanel } from "../../mount.tsx";
import { embeddedParts } from "../embedded-parts.ts";
import { createLayerDocument } from "./layer-document.ts";
import { SAMPLE_CONTENT, SAMPLE_STYLES, toPicture } from "./samples.ts";
import { TAB_STORAGE } from "./storage.ts";
import { Studio } from "./studio.tsx";
import { createWebHost } from "./web-host.ts";

/** The companion's page may reach its own companion only; a page from elsewhere looks on every port. */
function companionBases(): string[] {
  const own = location.protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  return own ? [location.origin] : PORTS.map((port) => `http://localhost:${port}`);
}

/** The one-time ticket, taken out of the address at once. */
function takeTicket(): string | null {
  const ticket = new URLSearchParams(location.hash.slice(1)).get("ticket");
  if (ticket !== null) history.replaceState(null, "", location.pathname);
  return ticket;
}

const layerDocument = createLayerDocument();
const host = createWebHost(layerDocument);
const link = createCompanionLink({
  bases: companionBases(),
  storage: TAB_STORAGE,
  about: { host: host.kind, name: host.name },
  ticket: takeTicket(),
});

const root = document.getElementById("root") as HTMLElement;
root.className = "studio";
const canvas = document.createElement("div");
canvas.style.display = "contents";
const column = document.createElement("div");
column.className = "studio-panel";
root.append(canvas, column);
// First: its keys come before the panel's.
render(<Studio layerDocument={layerDocument} host={host} useAs={useAs} />, canvas);
const panel = mountPanel(column, { host, link, panelEngine: makePanelEngine(embeddedParts()) });

function useAs(id: string, role: "content" | "style"): void {
  const { content, style } = panel.inputs;
  const other = (role === "content" ? style : content).value?.layerId ?? null;
  const others = other === null || other === id ? [] : [other];
  // The latest of two is the style.
  layerDocument.select(role === "content" ? [id, ...others] : [...others, id]);
  if (others.length > 0) panel.inputs.setRole(id, { kind: role });
}

host.convert = (file) => panel.convert(file);
host.onPanelFiles = (files) => panel.bringIn(files);

void Promise.all([toPicture(SAMPLE_CONTENT), toPicture(SAMPLE_STYLES[0])]).then((pictures) => {
  if (layerDocument.layers.value.length === 0) layerDocument.select(layerDocument.add(pictures).map(({ id }) => id));
});
