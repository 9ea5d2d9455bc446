// Every bound the page keeps, named once.

export const limits = {
  /** Lines one console keeps; the oldest go first. */
  scrollbackLines: 5000,
  /** Characters one console keeps over all its lines. */
  scrollbackChars: 1 << 20,
  /** Characters of one line; a longer one is broken. */
  lineChars: 8192,
  /** Characters of output that may wait to be shown; the oldest are dropped, counted and told. */
  pendingChars: 512 << 10,
  /** Characters and lines taken from what waits in one animation frame. */
  frameChars: 64 << 10,
  frameLines: 200,
  /** Characters of an unfinished escape sequence before it is given up. */
  escapeChars: 64,
  /** Typed lines an input remembers. */
  historyLines: 200,
  /** Characters of one typed or pasted piece of input. */
  typedChars: 64 << 10,
  /** Consoles kept, ended ones included; the oldest ended one goes first. */
  consoles: 64,
  /** Files of one project, and bytes of one file. */
  projectFiles: 200,
  fileBytes: 8 << 20,
  /** Characters of a file's path. */
  pathChars: 120,
  /** Characters of a tunnel address, and bytes of moonwire.json. */
  tunnelUrlChars: 2048,
  tunnelConfigChars: 64 << 10,
  /** Bytes shown of a binary file. */
  notices: 4,
} as const;

/** Spans of time, in milliseconds. */
export const spans = {
  /** After the last key before the machine compiles a file, and before it is saved. */
  checkDelayMs: 250,
  saveDelayMs: 300,
  /** "Run project": how long one process may take to listen, read, print or end before the next starts. */
  settleMs: 400,
  /** How long a Stop may go unanswered before the page offers a new machine. */
  stopPatienceMs: 2000,
  /** How often the proxy is asked for its present address while the tunnel is down. */
  tunnelPollMs: 2000,
  /** How long Run waits for a tunnel that is on its way. */
  tunnelGraceMs: 1200,
  noticeMs: 4000,
} as const;
