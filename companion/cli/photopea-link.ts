// The address that opens Photopea with a plugin: its configuration travels in the address itself.

/** Photopea's plugin window, px; wide enough for the panel and its scroll bar. */
const WINDOW = { width: 340, height: 640 } as const;

/** Photopea's configuration stands in the address, as JSON behind the hash (photopea.com/api/plugins). */
export function photopeaLink(panelUrl: string): string {
  const configuration = { environment: { plugins: [{ name: "Impasto", url: panelUrl, ...WINDOW }] } };
  return `https://www.photopea.com#${encodeURIComponent(JSON.stringify(configuration))}`;
}
