// The layers of tests, from the cheapest to the whole: how each is run and its results are counted.
import { existsSync, globSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname } from 'node:path';

import type { Part } from './build.ts';
import { runRules } from './check.ts';
import {
  add,
  countJest,
  countJunit,
  countPlaywright,
  countTap,
  withStatus,
  type Counts,
} from './counts.ts';
import { build, logs, luaRunner, npmTool, results, root } from './paths.ts';
import { run } from './process.ts';
import { step } from './progress.ts';

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

/** Jest over some folders of tests/; the first names the results. */
async function jest(...folders: readonly [string, ...string[]]): Promise<Counts> {
  const [name] = folders;
  return await step(`Jest over ${folders.join(', ')}`, async (onLine) => {
    const json = await resultFile(`jest-${name}.json`);
    const log = `${logs}/test-${name}.log`;
    const ended = await run(
      process.execPath,
      [
        ...[npmTool('jest/bin/jest.js'), '--ci', '--json', `--outputFile=${json}`],
        ...folders.map((folder) => `tests/${folder}/`),
      ],
      {
        log,
        onLine,
        env: { NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' },
        timeoutMs: LAYER_TIMEOUT_MS,
      },
    );
    const text = await readResults(json);
    if (text === null) return crashed('jest', ended.status, ended.output, log);
    const counts = countJest(text);
    return withStatus(counts, 'jest', ended.status, log);
  });
}

/** What a script printed and how it ended, without the name of the interpreter. */
async function outcome(command: string, args: readonly string[], log: string): Promise<string> {
  const folder = dirname(args.at(-1) ?? '');
  const timeoutMs = LUA_TEST_TIMEOUT_S * 1000;
  const name = basename(args.at(-1) ?? '');
  const all = [...args.slice(0, -1), name];
  const ended = await run(command, all, { cwd: folder, log, timeoutMs });
  const errors = ended.stderr.replaceAll(/^lua5\.[14]: /gm, 'lua: ');
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
  // Scripts for Lua 5.1 answer to that one.
  const isLua51 = file.startsWith('tests/lua/lua51/');
  const native = await outcome(isLua51 ? 'lua5.1' : 'lua5.4', [script], `${log}.native.log`);
  // Native Lua may nest frames as deep as it likes; the default 64 MiB would stop that earlier.
  const ours = await outcome(
    process.execPath,
    [luaRunner, '--memory', '256', ...(isLua51 ? ['--lua51'] : []), script],
    `${log}.log`,
  );
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

/** A script of the chuck dialect, which no native Lua has: it checks itself and ends with "NAME hold". */
async function runChuckScript(file: string): Promise<Counts> {
  const log = `${logs}/lua/${file.replaceAll('/', '-')}.log`;
  const ended = await run(process.execPath, [luaRunner, '--dialect', 'chuck', `${root}/${file}`], {
    log,
    timeoutMs: LUA_TEST_TIMEOUT_S * 1000,
  });
  if (ended.status === 0 && ended.output.endsWith(`${basename(file, '.lua')} hold\n`))
    return { passed: 1, failed: 0, skipped: 0, failures: [] };
  const failures = [`${file}: status ${String(ended.status)} (${log})`];
  return { passed: 0, failed: 1, skipped: 0, failures };
}

/**
 * The scripts of tests/lua, in the machine as Node runs it. NAME_test.lua checks itself, so do those of chuck; the others
 * speak for native Lua.
 */
async function lua(): Promise<Counts> {
  const files = globSync('tests/lua/**/*.lua', { cwd: root })
    .filter((file) => file !== 'tests/lua/chuck/helpers.lua')
    .sort();
  return await step('Lua scripts in the machine', async (onLine) => {
    const all: Counts[] = [];
    for (const file of files) {
      onLine(file);
      if (file.startsWith('tests/lua/chuck/')) all.push(await runChuckScript(file));
      else
        all.push(await (file.endsWith('_test.lua') ? runLuaTest(file) : compareWithNative(file)));
    }
    return add(all);
  });
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
    const counts = countPlaywright(text);
    return withStatus(counts, 'playwright', ended.status, log);
  });
}

export const layers: readonly Layer[] = [
  { name: 'check', parts: [], when: 'early', run: async () => await runRules([]) },
  {
    name: 'web',
    parts: ['wasm', 'node', 'proxy'],
    when: 'late',
    run: async () => await jest('web', 'proxy'),
  },
  {
    name: 'cli',
    parts: ['wasm', 'node', 'web', 'proxy'],
    when: 'late',
    run: async () => await jest('cli'),
  },
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
