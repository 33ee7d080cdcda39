// Where the companion listens. Figma fixes a plugin's allowed ports when it is published,
// so manifest.json, the panel and the server share this one list; a test holds them together.

/** Tried in this order; the first free one is taken. */
export const PORTS = [47820, 47821, 47822] as const;

/** Raised when an older panel can no longer talk to a newer companion, or the other way round. */
export const PROTOCOL_VERSION = 2;

/** Where the companion's page offers the Figma plugin. */
export const FIGMA_PLUGIN_PATH = "/figma-plugin.zip";
