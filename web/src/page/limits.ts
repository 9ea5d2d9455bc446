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
  /** Characters of the files that a link may carry, and of their packed form in the address. */
  sharedChars: 512 << 10,
  sharedLinkChars: 64 << 10,
  /** Changed projects of links that the browser keeps; the one that was saved longest ago goes first. */
  sharedKept: 50,
  /** Characters of a file's path. */
  pathChars: 120,
  /** Characters of a tunnel address, and bytes of moonwire.json. */
  tunnelUrlChars: 2048,
  tunnelConfigChars: 64 << 10,
  /** Notices shown at once; the oldest goes first. */
  notices: 4,
  /** News of the module that wait until the bench is loaded; the oldest go first. */
  earlyNews: 500,
  /** Lines of the AT trace; the oldest go first, counted. */
  atRecords: 5000,
  /** Wire records kept while somebody watches, and bytes of data over all of them; the oldest go first, counted. */
  wireRecords: 5000,
  wireBytes: 4 << 20,
  /** Pieces a UART terminal keeps, and their bytes; the oldest go first, counted. */
  uartPieces: 2000,
  uartBytes: 256 << 10,
  /** Bytes of one UART piece; what follows without a pause beyond that begins a new one. */
  uartPieceBytes: 1024,
  /** What the lab keeps: records, and bytes of data over all of them; the oldest go first, counted. */
  labRecords: 2000,
  labBytes: 2 << 20,
  /** Clients the lab serves at once (later ones wait in the backlog), answer rules, bytes of one file to send. */
  labClients: 32,
  labRules: 32,
  labFileBytes: 4 << 20,
  /** Bytes of one command to the lab; longer ones go in pieces, this many on the way at once. */
  labCommandBytes: 8 << 10,
  labCommandsAhead: 8,
  /** Bytes that the hex view of one record shows. */
  hexBytes: 4096,
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
  /** A power key held this long switches the module on. */
  powerOnMs: 1500,
  /** Bytes of a UART that follow each other within this time are one piece. */
  uartGapMs: 50,
} as const;
