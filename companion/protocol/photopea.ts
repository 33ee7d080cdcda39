// Impasto as a plugin of Photopea: its description, and the address that opens Photopea with it
// (photopea.com/api/plugins; the same record is what a person pastes into Photopea's plugin gallery).

/** Photopea's plugin window, px; wide enough for the panel and its scroll bar. */
const WINDOW = { width: 340, height: 640 } as const;

/** Beside the panel's page, on the companion and on any other host. */
export const PHOTOPEA_ICON = "icon.png";
export const PHOTOPEA_DESCRIPTION = "plugin.json";

export interface PhotopeaPlugin {
  name: string;
  description: string;
  url: string;
  icon: string;
  width: number;
  height: number;
}

/** All addresses are absolute: Photopea loads no others. */
export function photopeaPlugin(panelUrl: string): PhotopeaPlugin {
  const folder = panelUrl.replace(/[?#].*$/, "").replace(/[^/]*$/, "");
  return {
    name: "Impasto",
    description: "Paints one layer in the manner of another. The work is done on your own computer.",
    url: panelUrl,
    // Black on transparent; the three signs let it follow Photopea's theme.
    icon: `===${folder}${PHOTOPEA_ICON}`,
    ...WINDOW,
  };
}

/** Photopea's configuration stands in the address, as JSON behind the hash. */
export function photopeaLink(panelUrl: string): string {
  const { description, ...plugin } = photopeaPlugin(panelUrl);
  return `https://www.photopea.com#${encodeURIComponent(JSON.stringify({ environment: { plugins: [plugin] } }))}`;
}
