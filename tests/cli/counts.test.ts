import { countJest, countJunit, countPlaywright, countTap, withStatus } from '../../cli/counts.ts';

const counts = (passed: number, failed: number, skipped: number) =>
  expect.objectContaining({ passed, failed, skipped }) as unknown;

describe("CTest's JUnit", () => {
  const junit = (...cases: string[]): string => `<testsuite>${cases.join('\n')}</testsuite>`;

  test('each test counts by its status', () => {
    const xml = junit(
      '<testcase name="Loopback.Delivers" status="run"><system-out>fine</system-out></testcase>',
      '<testcase name="Loopback.Closes" status="run"></testcase>',
      '<testcase name="Later" status="disabled"></testcase>',
    );
    expect(countJunit(xml)).toEqual(counts(2, 0, 1));
  });

  test('a failed test is told with its output, unescaped', () => {
    const xml = junit(
      '<testcase name="A.&lt;int&gt;" status="fail"><failure message="Failed"/>' +
        '<system-out>1 &lt; 2 &amp;amp;</system-out></testcase>',
    );
    expect(countJunit(xml)).toEqual(counts(0, 1, 0));
    expect(countJunit(xml).failures).toEqual(['A.<int>: failed\n1 < 2 &amp;']);
  });

  test('a test that was never run is a failure', () => {
    const xml = junit('<testcase name="wisp_test_NOT_BUILT" status="notrun"></testcase>');
    expect(countJunit(xml)).toEqual(counts(0, 1, 0));
  });

  test('what GoogleTest skipped counts as skipped', () => {
    const xml = junit(
      '<testcase name="Differential" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/></testcase>',
    );
    expect(countJunit(xml)).toEqual(counts(0, 0, 1));
  });
});

describe('a script that checks itself (TAP)', () => {
  test('counts its lines', () => {
    const output = '1..3\nok 1 - connects\nnot ok 2 - closes\nok 3 - later # SKIP no proxy\n';
    expect(countTap('a_test.lua', output, 1)).toEqual(counts(1, 1, 1));
  });

  test('that says nothing is one test, told by its status', () => {
    expect(countTap('a_test.lua', '', 0)).toEqual(counts(1, 0, 0));
    expect(countTap('a_test.lua', '', 1)).toEqual(counts(0, 1, 0));
  });

  test('that ends before its plan is kept has failed', () => {
    expect(countTap('a_test.lua', '1..2\nok 1\n', 0)).toEqual(counts(1, 1, 0));
  });

  test('that crashes after its last line has failed', () => {
    expect(countTap('a_test.lua', 'ok 1\n', 139)).toEqual(counts(1, 1, 0));
  });
});

test('a Jest suite that does not start is a failure', () => {
  const json = JSON.stringify({
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 1,
    numRuntimeErrorTestSuites: 1,
    testResults: [{ name: 'a.test.ts', status: 'failed', message: 'cannot find module' }],
  });
  expect(countJest(json)).toEqual(counts(3, 1, 1));
});

describe('Playwright', () => {
  const suite = (...statuses: string[]): object => ({
    title: 'echo.story.ts',
    file: 'echo.story.ts',
    specs: statuses.map((status) => ({
      title: 'a story',
      ok: status !== 'unexpected',
      tests: [{ projectName: 'chromium', status, results: [] }],
    })),
  });

  test('stories count at any depth, a flaky one has passed', () => {
    const inner = suite('expected', 'unexpected', 'skipped');
    const outer = { ...suite('flaky'), suites: [inner] };
    expect(countPlaywright(JSON.stringify({ suites: [outer], errors: [] }))).toEqual(
      counts(2, 1, 1),
    );
  });

  test('an error outside of any story is a failure', () => {
    const json = JSON.stringify({
      suites: [],
      errors: [{ message: 'the web server did not start' }],
    });
    expect(countPlaywright(json)).toEqual(counts(0, 1, 0));
  });
});

test('a runner that ends badly though no test failed has failed', () => {
  const fine = { passed: 5, failed: 0, skipped: 0, failures: [] };
  expect(withStatus(fine, 'ctest', 0, 'log')).toEqual(fine);
  expect(withStatus(fine, 'ctest', 139, 'log')).toEqual(counts(5, 1, 0));
});
