// Builds the parts: the machine for browsers and Node (wasm), the page (web), the proxy, and the builds that tests need.
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';

import { Failure } from './failure.ts';
import { build, logs, root } from './paths.ts';
import { run } from './process.ts';
import { step } from './progress.ts';
import { unlessUpToDate } from './stamp.ts';

type Preset = 'native' | 'hostile' | 'fuzz' | 'wasm';
export type Part = 'wasm' | 'node' | 'web' | 'proxy' | 'load' | 'native' | 'hostile' | 'fuzz';

/** Lines of a failed step's output that are shown at once; the log has the rest. */
const TAIL = 40;
const DEBIAN_EMCC = '/usr/bin/emcc';

/** Runs one command of a step; a failure shows the end of its output and names the log. */
async function must(
  log: string,
  onLine: (line: string) => void,
  command: string,
  ...args: string[]
): Promise<void> {
  // Debian's emcc looks for acorn where Debian's Node would; any other Node has to be told.
  const nodePath = [process.env['NODE_PATH'], '/usr/share/nodejs'].filter(Boolean).join(':');
  const path = `${logs}/${log}.log`;
  const ended = await run(command, args, { log: path, onLine, env: { NODE_PATH: nodePath } });
  if (ended.status === 0) return;
  const tail = ended.output.trimEnd().split('\n').slice(-TAIL).join('\n');
  throw new Failure(`${tail}\n${command} ended with status ${String(ended.status)} (${path})`);
}

async function which(command: string): Promise<string | null> {
  const found = await run('bash', ['-c', 'readlink -f "$(command -v -- "$0")"', command]);
  return found.status === 0 ? found.output.trim() : null;
}

/** Debian's Emscripten is in the preset; one from elsewhere on PATH brings its own toolchain file. */
async function toolchainArguments(): Promise<string[]> {
  const found = await run('bash', ['-c', 'command -v emcc']);
  if (found.status !== 0) throw new Failure('emcc is missing; Debian calls its package emscripten');
  if (found.output.trim() === DEBIAN_EMCC) return [];
  const home = dirname((await which('emcc')) ?? '');
  return [`-DCMAKE_TOOLCHAIN_FILE=${home}/cmake/Modules/Platform/Emscripten.cmake`];
}

/** Who only wants the proxy need not have what the tests need. */
type Extent = 'with tests' | 'without tests';

async function configure(
  preset: Preset,
  extent: Extent,
  onLine: (line: string) => void,
): Promise<void> {
  const args = ['--preset', preset];
  if (preset !== 'wasm') args.push(`-DMOONWIRE_TESTS=${extent === 'with tests' ? 'ON' : 'OFF'}`);
  if ((await which('ccache')) !== null) args.push('-DCMAKE_CXX_COMPILER_LAUNCHER=ccache');
  if (preset === 'wasm') args.push(...(await toolchainArguments()));
  await must(`configure-${preset}`, onLine, 'cmake', ...args);
}

async function cmakeBuild(
  title: string,
  preset: Preset,
  targets: readonly string[],
): Promise<void> {
  await step(title, async (onLine) => {
    const folder = `${build}/${preset}`;
    const cache = `${folder}/CMakeCache.txt`;
    const had = existsSync(cache) && readFileSync(cache, 'utf8').includes('MOONWIRE_TESTS:BOOL=ON');
    const isProgramAlone = preset === 'native' && targets.length > 0;
    const extent: Extent = isProgramAlone && !had ? 'without tests' : 'with tests';
    const changed = await unlessUpToDate(
      `configure-${preset}`,
      ['CMakePresets.json', 'cli/build.ts'],
      async () => {
        await rm(cache, { force: true });
        await configure(preset, extent, onLine);
      },
    );
    const isLacking = preset !== 'wasm' && extent === 'with tests' && !had;
    if (!changed && (isLacking || !existsSync(`${folder}/build.ninja`)))
      await configure(preset, extent, onLine);
    const jobs = String(availableParallelism());
    await must(`build-${preset}`, onLine, 'ninja', '-C', folder, '-j', jobs, ...targets);
  });
}

const WEB_INPUTS = [
  'web/**/*',
  'lua_lib/**/*',
  'examples/**/*',
  'tsconfig.base.json',
  'package-lock.json',
  'build/wasm/edge/machine*.{js,wasm}',
];

async function buildWeb(): Promise<void> {
  await step('The page', async (onLine) => {
    await unlessUpToDate('web', WEB_INPUTS, async () => {
      await must('build-web', onLine, process.execPath, `${root}/web/build.mjs`);
    });
  });
}

const NODE_INPUTS = [
  'web/build-node.mjs',
  'web/src/{node,worker}/**/*.ts',
  'web/src/*.ts',
  'package-lock.json',
];

async function buildNodeRunner(): Promise<void> {
  await step('The machine for the terminal (Node)', async (onLine) => {
    await unlessUpToDate('node', NODE_INPUTS, async () => {
      await must('build-node', onLine, process.execPath, `${root}/web/build-node.mjs`);
    });
  });
}

const builders: Readonly<Record<Part, () => Promise<void>>> = {
  wasm: () => cmakeBuild('The machine (wasm)', 'wasm', []),
  node: buildNodeRunner,
  web: buildWeb,
  proxy: () => cmakeBuild('The proxy', 'native', ['moonwire-proxy']),
  load: () => cmakeBuild('The load generator', 'native', ['moonwire-load']),
  native: () => cmakeBuild('Native: proxy, machine, tests', 'native', []),
  hostile: () => cmakeBuild('Hostile: sanitizers, tiny buffers', 'hostile', []),
  fuzz: () => cmakeBuild('Fuzz targets', 'fuzz', ['fuzzers']),
};

export const allParts = Object.keys(builders) as readonly Part[];

export function isPart(name: string): name is Part {
  return Object.hasOwn(builders, name);
}

/** Builds the parts in the given order; each does only what changed. */
export async function buildParts(parts: readonly Part[]): Promise<void> {
  for (const part of parts) await builders[part]();
}
