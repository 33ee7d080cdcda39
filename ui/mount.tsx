// Puts the panel into the page and starts it. Each host's entry calls this with its own host and engines.

import { render } from "preact";
import { createPanel, type Panel, type PanelParts } from "./state/panel.ts";
import { App } from "./views/app.tsx";
import { followVisibility } from "./visibility.ts";

export function mountPanel(parent: HTMLElement, parts: Omit<PanelParts, "visible">): Panel {
  const panel = createPanel({ ...parts, visible: followVisibility(document) });
  render(<App panel={panel} />, parent);
  void panel.start();
  return panel;
}
