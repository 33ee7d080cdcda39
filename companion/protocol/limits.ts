// Limits and times that client and server both rely on. No schema library here: the panel reads them too.

/** Engines need this much on the short side: below it a map of the network's fifth block has less than two pixels. */
export const MIN_SIDE_PX = 32;

/** Largest picture, in each way that the header states before anything is decoded. */
export const MAX_BLOB_BYTES = 64 * 1024 * 1024;
export const MAX_SIDE_PX = 16_384;
export const MAX_AREA_PX = 64 * 1024 * 1024;

/** What workers bring: a result of MAX_AREA_PX that does not compress, and an optimizer's state of about as much. */
export const MAX_RESULT_BYTES = 512 * 1024 * 1024;
export const MAX_CHECKPOINT_BYTES = 4 * 1024 * 1024 * 1024;

/** Largest JSON body: a batch of MAX_FRAMES, all with the longest names. */
export const MAX_JSON_BYTES = 4 * 1024 * 1024;
export const MAX_STYLES = 16;
export const MAX_FRAMES = 2000;
export const MAX_NAME_LENGTH = 255;

/** An event stream says something at least this often. */
export const HEARTBEAT_MS = 10_000;

/** A job whose client went away is paused, then cancelled, after these times (batch and detached jobs go on). */
export const CLIENT_GONE_PAUSE_MS = 15_000;
export const CLIENT_GONE_CANCEL_MS = 3_600_000;

/** More frames teach nothing that these do not: learning looks at so many pieces. */
export const MAX_LEARN_FRAMES = 24;
export const MAX_LEARN_MINUTES = 240;
export const LEARN_MINUTES = 3;
