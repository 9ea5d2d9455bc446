// Every bound of the Node runner in one place, and what happens at it.

/** Files of a script's folder that scripts have read or written; beyond, the machine says "No space left on device". */
export const FILE_SYSTEM_BYTES = 1024 * 1024 * 1024;

/** One file; a larger one on disk cannot be opened. */
export const FILE_BYTES = 64 * 1024 * 1024;

/** Changed files are written to disk at most this often, and at the end. */
export const WRITE_BACK_INTERVAL_MS = 200;

/** A line of a companion's output that has no end is shown in parts of this size. */
export const COMPANION_LINE_BYTES = 64 * 1024;

/** How long the proxy may take to tell its token. */
export const PROXY_ANSWER_MS = 10_000;
