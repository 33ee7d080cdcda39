// Types of notices.mjs, for its test.

/** The whole file's text. */
export function makeNotices(): string;
