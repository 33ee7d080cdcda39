// photopea.html: the panel in Photopea's plugin window. Served by the companion, or as a static page with the
// panel's own engine alone.

import "../../styles/index.css";
import "./photopea.css";
import { PORTS } from "../../../companion/protocol/ports.ts";
import { createCompanionLink } from "../../engines/companion/link.ts";
import { makePanelEngine } from "../../engines/panel/engine.ts";
import { mountPanel } from "../../mount.tsx";
import { embeddedParts } from "../embedded-parts.ts";
import { savePictures } from "../web/files.ts";
import { createStudioStorage, TAB_STORAGE } from "../web/storage.ts";
import { makeBridge, windowChannel } from "./bridge.ts";
import { makePhotopeaHost } from "./photopea-host.ts";
import { showToast } from "./toast.ts";

const servedByCompanion =
  location.protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
const storage = createStudioStorage();
const host = makePhotopeaHost(makeBridge(windowChannel()), {
  load: storage.load,
  save: storage.save,
  notify: showToast,
  download: (picture) => void savePictures([picture]),
});
const link = createCompanionLink({
  bases: servedByCompanion ? [location.origin] : PORTS.map((port) => `http://localhost:${port}`),
  storage: servedByCompanion ? TAB_STORAGE : storage,
  about: { host: host.kind, name: host.name },
});
mountPanel(document.getElementById("root") as HTMLElement, {
  host,
  link,
  panelEngine: makePanelEngine(embeddedParts()),
});
