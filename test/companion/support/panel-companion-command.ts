// What a test tells the companion of panel-companion.ts over IPC; apart from it, because tests of the panel see the DOM.

/** What a test may ask for; the answer is a string, JSON where it is more than one. */
export type PanelCompanionCommand = "code" | "close-window" | "page-address" | "revoke-all" | "pairings" | "latest-job";
