// What LuaTask's `log` prints: `[I]-[tag] text`. Anything else is a line without a level.

/** Trace, debug, info, warn, error, fatal; from quiet to grave. */
export const logLevels = ['T', 'D', 'I', 'W', 'E', 'F'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogLine {
  /** null: the script printed it without `log`. */
  readonly level: LogLevel | null;
  readonly tag: string;
  readonly text: string;
}

const layout = /^\[([TDIWEF])\]-\[([^\]]*)\]\s?(.*)$/s;

export function parseLogLine(line: string): LogLine {
  const [, level, tag = '', text = ''] = layout.exec(line) ?? [];
  return level === undefined
    ? { level: null, tag: '', text: line }
    : { level: level as LogLevel, tag, text };
}

export interface LogFilter {
  /** Levels that are shown; lines without a level count as info. */
  readonly levels: ReadonlySet<LogLevel>;
  /** Shown only with this in it, whatever its case; '' is everything. */
  readonly search: string;
}

export const everything: LogFilter = { levels: new Set(logLevels), search: '' };

export function passes(filter: LogFilter, line: string): boolean {
  const { level } = parseLogLine(line);
  if (!filter.levels.has(level ?? 'I')) return false;
  return filter.search === '' || line.toLowerCase().includes(filter.search.toLowerCase());
}
