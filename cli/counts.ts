// Reads what the test runners left behind: how many tests passed, failed and were skipped, and what failed. In doubt it is
// a failure: a runner that crashed, a plan that was not kept, a test that was never run.

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, one text each. */
  readonly failures: readonly string[];
}

/** The sum of some counts. */
export function add(all: readonly Counts[]): Counts {
  return {
    passed: all.reduce((sum, { passed }) => sum + passed, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
    skipped: all.reduce((sum, { skipped }) => sum + skipped, 0),
    failures: all.flatMap(({ failures }) => failures),
  };
}

/** A runner that says "failed" by its status while its results name no failed test. */
export function withStatus(counts: Counts, runner: string, status: number, log: string): Counts {
  if (status === 0 || counts.failed > 0) return counts;
  const why = `${runner} ended with status ${String(status)} though no test failed (${log})`;
  return { ...counts, failed: 1, failures: [why] };
}

function unescapeXml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll(/&#x?[0-9a-fA-F]+;/g, ' ')
    .replaceAll('&amp;', '&');
}

/** Counts CTest's JUnit file. Each test is told by its status: run, fail, notrun, disabled. */
export function countJunit(xml: string): Counts {
  const failures: string[] = [];
  let passed = 0;
  let skipped = 0;
  for (const [, attributes = '', body = ''] of xml.matchAll(
    /<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g,
  )) {
    const name = unescapeXml(/name="([^"]*)"/.exec(attributes)?.[1] ?? '?');
    const status = /status="([^"]*)"/.exec(attributes)?.[1];
    const output = unescapeXml(/<system-out>([\s\S]*?)<\/system-out>/.exec(body)?.[1] ?? '');
    if (status === 'run') passed += 1;
    else if (status === 'disabled' || body.includes('<skipped message="SKIP')) skipped += 1;
    else failures.push(`${name}: failed\n${output.trim().split('\n').slice(-30).join('\n')}`);
  }
  return { passed, failed: failures.length, skipped, failures };
}

interface JestResults {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
  }[];
}

/** Counts Jest's JSON. A suite that did not even start is one failure. */
export function countJest(json: string): Counts {
  const found = JSON.parse(json) as JestResults;
  return {
    passed: found.numPassedTests,
    failed: found.numFailedTests + found.numRuntimeErrorTestSuites,
    skipped: found.numPendingTests,
    failures: found.testResults
      .filter((suite) => suite.status === 'failed')
      .map((suite) => `${suite.name}\n${suite.message}`),
  };
}

/** Counts TAP lines; a script that prints none is one test, told by its exit status. */
export function countTap(file: string, output: string, status: number): Counts {
  const failures: string[] = [];
  let passed = 0;
  let skipped = 0;
  for (const [, not, text = ''] of output.matchAll(/^(not )?ok\b(.*)$/gm)) {
    if (/# skip/i.test(text)) skipped += 1;
    else if (not === undefined) passed += 1;
    else failures.push(`${file}: not ok${text}`);
  }
  const planned = /^1\.\.(\d+)/m.exec(output)?.[1];
  const told = passed + skipped + failures.length;
  const tail = output.trimEnd().split('\n').slice(-30).join('\n');
  if (status !== 0 && failures.length === 0) {
    failures.push(`${file}: ended with status ${String(status)}\n${tail}`);
  } else if (planned !== undefined && Number(planned) !== told) {
    failures.push(`${file}: planned ${planned} tests, ran ${String(told)}\n${tail}`);
  } else if (told === 0) passed = 1;
  return { passed, failed: failures.length, skipped, failures };
}

interface PlaywrightSuite {
  readonly title: string;
  readonly file: string;
  readonly suites?: readonly PlaywrightSuite[];
  readonly specs: readonly {
    readonly title: string;
    readonly ok: boolean;
    readonly tests: readonly {
      readonly projectName: string;
      readonly status: 'expected' | 'unexpected' | 'flaky' | 'skipped';
      readonly results: readonly { readonly error?: { readonly message?: string } }[];
    }[];
  }[];
}

interface PlaywrightResults {
  readonly suites: readonly PlaywrightSuite[];
  readonly errors: readonly { readonly message?: string }[];
}

function playwrightTests(
  suite: PlaywrightSuite,
): { status: string; title: string; message: string }[] {
  const own = suite.specs.flatMap((spec) =>
    spec.tests.map((test) => ({
      status: test.status,
      title: `${suite.file}: ${spec.title} [${test.projectName}]`,
      message: test.results.map(({ error }) => error?.message ?? '').join('\n'),
    })),
  );
  return [...own, ...(suite.suites ?? []).flatMap(playwrightTests)];
}

/** Counts Playwright's JSON. A flaky test passed in the end. */
export function countPlaywright(json: string): Counts {
  const found = JSON.parse(json) as PlaywrightResults;
  const tests = found.suites.flatMap(playwrightTests);
  const failures = [
    ...tests
      .filter(({ status }) => status === 'unexpected')
      .map(({ title, message }) => `${title}\n${message}`),
    ...found.errors.map(({ message }) => message ?? 'playwright: an error without a message'),
  ];
  return {
    passed: tests.filter(({ status }) => status === 'expected' || status === 'flaky').length,
    failed: failures.length,
    skipped: tests.filter(({ status }) => status === 'skipped').length,
    failures,
  };
}
