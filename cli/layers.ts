// The layers of tests, from the cheapest to the whole: how each is run and its results are counted.
import { existsSync, globSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname } from 'node:path';

import type { Part } from './build.ts';
import { runRules } from './check.ts';
import { build, logs, luaRunner, npmTool, results, root } from './paths.ts';
import { run } from './process.ts';
import { step } from './progress.ts';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, one text each. */
  readonly failures: readonly string[];
}

export interface Layer {
  readonly name: string;
  readonly parts: readonly Part[];
  /** `early` may run while other parts build; `late` needs the machine for itself. */
  readonly when: 'early' | 'late';
  readonly run: () => Promise<Counts>;
}

/** No layer takes longer unless it hangs. */
const LAYER_TIMEOUT_MS = 15 * 60_000;
/** How long each fuzz target looks for trouble; its corpus is replayed first. */
const FUZZ_SECONDS = 8;
const LUA_TEST_TIMEOUT_S = 60;

async function resultFile(name: string): Promise<string> {
  await mkdir(results, { recursive: true });
  const path = `${results}/${name}`;
  await rm(path, { force: true });
  return path;
}

/** The results file of a runner that may have crashed before it wrote one. */
async function readResults(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch(() => null);
}

function crashed(runner: string, status: number, output: string, log: string): Counts {
  const tail = output.trimEnd().split('\n').slice(-40).join('\n');
  const why = `${tail}\n${runner} ended with status ${String(status)} and left no results (${log})`;
  return { passed: 0, failed: 1, skipped: 0, failures: [why] };
}

/** A runner that says "failed" by its status while its results name no failed test. */
function withStatus(counts: Counts, runner: string, status: number, log: string): Counts {
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
function countJunit(xml: string): Counts {
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

async function googleTest(preset: 'native' | 'hostile'): Promise<Counts> {
  return await step(`Tests of the ${preset} build`, async (onLine) => {
    const xml = await resultFile(`${preset}.xml`);
    const log = `${logs}/test-${preset}.log`;
    const ended = await run(
      'ctest',
      [
        ...['--test-dir', `${build}/${preset}`, '--output-on-failure', '--no-tests=error'],
        ...['--timeout', '120', '-j', String(availableParallelism()), '--output-junit', xml],
      ],
      { log, onLine, timeoutMs: LAYER_TIMEOUT_MS },
    );
    const text = await readResults(xml);
    if (text === null) return crashed('ctest', ended.status, ended.output, log);
    return withStatus(countJunit(text), 'ctest', ended.status, log);
  });
}

/** Every fuzz target runs for a few seconds; finding nothing is one passed test each. */
async function fuzz(): Promise<Counts> {
  const targets = globSync('build/fuzz/tests/**/*_fuzz', { cwd: root }).sort();
  return await step('Fuzzing', async (onLine) => {
    const failures: string[] = [];
    for (const target of targets) {
      const name = basename(target);
      onLine(name);
      const corpus = `${build}/fuzz/corpus/${name}`;
      await mkdir(corpus, { recursive: true });
      const seeds = globSync(`tests/data/${name}`, { cwd: root }).map((seed) => `${root}/${seed}`);
      const log = `${logs}/${name}.log`;
      const limits = [
        `-max_total_time=${String(FUZZ_SECONDS)}`,
        '-timeout=10',
        '-rss_limit_mb=2048',
      ];
      const ended = await run(
        `${root}/${target}`,
        [...limits, `-artifact_prefix=${build}/fuzz/${name}-`, corpus, ...seeds],
        { log, timeoutMs: LAYER_TIMEOUT_MS },
      );
      if (ended.status === 0) continue;
      const tail = ended.output.trimEnd().split('\n').slice(-30).join('\n');
      failures.push(`${name}: found something (${log})\n${tail}`);
    }
    const passed = targets.length - failures.length;
    return { passed, failed: failures.length, skipped: 0, failures };
  });
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

async function jest(): Promise<Counts> {
  return await step('Tests of the page (Jest)', async (onLine) => {
    const json = await resultFile('jest.json');
    const log = `${logs}/test-web.log`;
    const ended = await run(
      process.execPath,
      [npmTool('jest/bin/jest.js'), '--ci', '--json', `--outputFile=${json}`],
      {
        log,
        onLine,
        env: { NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' },
        timeoutMs: LAYER_TIMEOUT_MS,
      },
    );
    const text = await readResults(json);
    if (text === null) return crashed('jest', ended.status, ended.output, log);
    const found = JSON.parse(text) as JestResults;
    const counts = {
      passed: found.numPassedTests,
      failed: found.numFailedTests + found.numRuntimeErrorTestSuites,
      skipped: found.numPendingTests,
      failures: found.testResults
        .filter((suite) => suite.status === 'failed')
        .map((suite) => `${suite.name}\n${suite.message}`),
    };
    return withStatus(counts, 'jest', ended.status, log);
  });
}

/** Counts TAP lines; a script that prints none is one test, told by its exit status. */
function countTap(file: string, output: string, status: number): Counts {
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

/** What a script printed and how it ended, without the name of the interpreter. */
async function outcome(command: string, args: readonly string[], log: string): Promise<string> {
  const folder = dirname(args.at(-1) ?? '');
  const timeoutMs = LUA_TEST_TIMEOUT_S * 1000;
  const name = basename(args.at(-1) ?? '');
  const all = [...args.slice(0, -1), name];
  const ended = await run(command, all, { cwd: folder, log, timeoutMs });
  const errors = ended.stderr.replaceAll(/^lua5\.4: /gm, 'lua: ');
  return `${ended.stdout}--- standard error\n${errors}--- status ${String(ended.status)}`;
}

function firstDifference(ours: string, native: string): string {
  const [left, right] = [ours.split('\n'), native.split('\n')];
  const line = left.findIndex((text, index) => text !== right[index]);
  const at = line < 0 ? left.length : line;
  return `line ${String(at + 1)}: moonwire says ${left[at] ?? '-'}\n  native Lua says ${right[at] ?? '-'}`;
}

/** A script of tests/lua/FOLDER must say the same in the machine, as wasm, as in native Lua. */
async function compareWithNative(file: string): Promise<Counts> {
  const script = `${root}/${file}`;
  const log = `${logs}/lua/${file.replaceAll('/', '-')}`;
  const native = await outcome('lua5.4', [script], `${log}.native.log`);
  // Native Lua may nest frames as deep as it likes; the default 64 MiB would stop that earlier.
  const ours = await outcome(process.execPath, [luaRunner, '--memory', '256', script], `${log}.log`);
  if (ours === native) return { passed: 1, failed: 0, skipped: 0, failures: [] };
  const why = `${file}: ${firstDifference(ours, native)} (${log}.log)`;
  return { passed: 0, failed: 1, skipped: 0, failures: [why] };
}

/** A script that checks itself, in a machine of its own. */
async function runLuaTest(file: string): Promise<Counts> {
  const log = `${logs}/lua/${file.replaceAll('/', '-')}.log`;
  const args = [luaRunner, '--timeout', String(LUA_TEST_TIMEOUT_S), `${root}/${file}`];
  const ended = await run(process.execPath, args, {
    log,
    timeoutMs: (LUA_TEST_TIMEOUT_S + 10) * 1000,
  });
  return countTap(file, ended.output, ended.status);
}

/** The scripts of tests/lua, in the machine as Node runs it. NAME_test.lua checks itself; the others speak for native Lua. */
async function lua(): Promise<Counts> {
  const files = globSync('tests/lua/**/*.lua', { cwd: root }).sort();
  return await step('Lua scripts in the machine', async (onLine) => {
    const all: Counts[] = [];
    for (const file of files) {
      onLine(file);
      all.push(await (file.endsWith('_test.lua') ? runLuaTest(file) : compareWithNative(file)));
    }
    return {
      passed: all.reduce((sum, { passed }) => sum + passed, 0),
      failed: all.reduce((sum, { failed }) => sum + failed, 0),
      skipped: all.reduce((sum, { skipped }) => sum + skipped, 0),
      failures: all.flatMap(({ failures }) => failures),
    };
  });
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

async function endToEnd(): Promise<Counts> {
  return await step('Stories in a real browser', async (onLine) => {
    const json = await resultFile('playwright.json');
    const log = `${logs}/test-e2e.log`;
    const config = `${root}/tests/e2e/playwright.config.ts`;
    if (!existsSync(config)) return { passed: 0, failed: 0, skipped: 0, failures: [] };
    const ended = await run(
      process.execPath,
      [npmTool('@playwright/test/cli.js'), 'test', '--config', config, '--reporter=list,json'],
      {
        log,
        onLine,
        env: { PLAYWRIGHT_JSON_OUTPUT_NAME: json, PLAYWRIGHT_JSON_OUTPUT_FILE: json },
        timeoutMs: LAYER_TIMEOUT_MS,
      },
    );
    const text = await readResults(json);
    if (text === null) return crashed('playwright', ended.status, ended.output, log);
    const found = JSON.parse(text) as PlaywrightResults;
    const tests = found.suites.flatMap(playwrightTests);
    const failures = [
      ...tests
        .filter(({ status }) => status === 'unexpected')
        .map(({ title, message }) => `${title}\n${message}`),
      ...found.errors.map(({ message }) => message ?? 'playwright: an error without a message'),
    ];
    const counts = {
      passed: tests.filter(({ status }) => status === 'expected' || status === 'flaky').length,
      failed: failures.length,
      skipped: tests.filter(({ status }) => status === 'skipped').length,
      failures,
    };
    return withStatus(counts, 'playwright', ended.status, log);
  });
}

export const layers: readonly Layer[] = [
  { name: 'check', parts: [], when: 'early', run: async () => await runRules([]) },
  { name: 'web', parts: ['wasm', 'node'], when: 'late', run: jest },
  { name: 'native', parts: ['native'], when: 'late', run: async () => await googleTest('native') },
  { name: 'lua', parts: ['wasm', 'node'], when: 'late', run: lua },
  { name: 'e2e', parts: ['native', 'wasm', 'web'], when: 'late', run: endToEnd },
  {
    name: 'hostile',
    parts: ['hostile'],
    when: 'late',
    run: async () => await googleTest('hostile'),
  },
  { name: 'fuzz', parts: ['fuzz'], when: 'late', run: fuzz },
];
