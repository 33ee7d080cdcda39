// ui.html: the panel as Figma shows it.

import "../styles/index.css";
import { PORTS } from "../../companion/protocol/ports.ts";
import { createCompanionLink } from "../engines/companion/link.ts";
import { makePanelEngine } from "../engines/panel/engine.ts";
import { mountPanel } from "../mount.tsx";
import { embeddedParts } from "./embedded-parts.ts";
import { createFigmaHost } from "./figma.ts";
import { PARENT_FRAME } from "./figma-line.ts";

const host = createFigmaHost(PARENT_FRAME);
const link = createCompanionLink({
  bases: PORTS.map((port) => `http://localhost:${port}`),
  storage: host,
  about: { host: host.kind, name: host.name },
});
mountPanel(document.getElementById("root") as HTMLElement, {
  host,
  link,
  panelEngine: makePanelEngine(embeddedParts()),
});
