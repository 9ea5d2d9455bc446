// Every bound of the worker in one place, and what happens at it.

/** How long one turn of the machine may last; then the event loop is served (Stop, typed lines, the tunnel). */
export const TURN_MS = 8;

/** Output of one process in one turn that is passed on; the rest of that turn's is dropped and counted. */
export const OUTPUT_TURN_BYTES = 1024 * 1024;

/** Wire records go to the page at most this often. */
export const WIRE_INTERVAL_MS = 50;

/** How often a WebSocket's backlog is looked at while the tunnel waits for it to fall. */
export const BACKLOG_POLL_MS = 2;

/** The longest a timer may be set for (setTimeout counts in 32 bits); a later deadline is waited for in parts. */
export const TIMER_MS_MAX = 0x7fffffff;

/** A wall clock that is further than this from the system's is set anew (the computer slept, or was set). */
export const CLOCK_DRIFT_MS = 100;

/** The module's state, UART output and AT records go to the page at most this often. */
export const MODULE_INTERVAL_MS = 33;

/** While the module is on, its clock and memory are told at least this often. */
export const MODULE_REFRESH_MS = 1000;
