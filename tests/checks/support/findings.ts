// What a check found: printed line by line, and told by the exit status.

/** Prints the findings and ends the script: status 1 when there is any. */
export function report(findings: readonly string[]): void {
  for (const finding of findings) process.stdout.write(`${finding}\n`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
