// What a measurement found: a table for people, the same as JSON for machines.

/** One row: a figure per contender, ours first, and how they compare. */
export interface Row {
  readonly name: string;
  /** Keyed by the report's columns; null where a contender could not be measured. */
  readonly figures: Readonly<Record<string, number | null>>;
  /** How good ours is against the peer: above 1 is better. */
  readonly ratio?: number;
  /** The goal for the ratio or for our own figure, in words, and whether it is met. */
  readonly goal?: string;
  readonly isMet?: boolean;
}

export interface Report {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
}

/** The middle one of some figures. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function number(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '-';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}

/** The table as text. */
export function format(report: Report): string {
  const heads = ['', ...report.columns, 'ratio', 'goal'];
  const body = report.rows.map((row) => [
    row.name,
    ...report.columns.map((column) => number(row.figures[column])),
    row.ratio === undefined ? '' : `${row.ratio.toFixed(2)}x`,
    row.goal === undefined ? '' : `${row.isMet === true ? '✓' : '✗'} ${row.goal}`,
  ]);
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...body.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 || column === cells.length - 1
          ? cell.padEnd(width)
          : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  return [report.title, line(heads), ...body.map(line), ...report.notes, ''].join('\n');
}
